// Package execution runs actions: it is the part of the engine behind the API's Execution service.
//
// An Executor makes one Operation of each action asked for; equal actions that are asked for while one is in
// flight share it. An operation waits in a Queue for a place, has its input tree made (package execroot), runs
// (package sandbox), has its outputs stored (package cas) and its result remembered (package actioncache). When
// nobody watches it any more it is cancelled, and its processes are killed.
package execution
