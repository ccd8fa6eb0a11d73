package fleet

import "strings"

// explanation turns what ECS says, in a stopped task's reason or a service's event, into what happened and what to do about it. All of the
// signs' groups have to be in the text, in any letters; of a group one is enough. {image} and {room} are filled in.
// ECS's words: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html,
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
type explanation struct {
	signs [][]string
	words string
}

var pull = []string{"cannotpull", "pull image", "pulling image"}

// explanations are tried in this order: the exact before the general.
var explanations = []explanation{
	{[][]string{{"toomanyrequests", "too many requests", "pull rate limit"}},
		"the registry of the image {image} limits how often it is pulled; push it to the cluster's own registry with `bbf images`"},
	{[][]string{{"descriptor matching platform", "no matching manifest", "exec format error"}},
		"the image {image} isn't made for the tasks' processor (linux/amd64); push it again with `bbf images`, or correct images in bbf.yaml"},
	{[][]string{{"image digest"}},
		"an image of the {room} isn't in its registry; push it with `bbf images`, or correct images in bbf.yaml and run `bbf setup`"},
	{[][]string{pull, {"no space left"}},
		"the image {image} doesn't fit on the task's disk; make it smaller, or workers.disk larger in bbf.yaml and run `bbf setup`"},
	{[][]string{pull, {"may require"}}, // so says Docker Hub, which tells nobody whether an image is there
		"the image {image} isn't in its registry, or isn't public; push it with `bbf images`, or correct images in bbf.yaml and run `bbf setup`"},
	{[][]string{pull, {"denied", "forbidden", "unauthorized", "not authorized", "no basic auth"}},
		"the registry doesn't give the image {image} to the cluster's execution role; run `bbf setup`, or allow the role to pull in the registry's policy"},
	{[][]string{pull, {"not found", "manifest unknown", "does not exist", "no such image"}},
		"the image {image} isn't in its registry; push it with `bbf images`, or correct images in bbf.yaml and run `bbf setup`"},
	{[][]string{pull, {"timeout", "timed out", "dial tcp", "canceled", "deadline exceeded", "connection re", "no such host", ": eof"}},
		"the registry of the image {image} can't be reached; the subnets need a route to an internet gateway: `bbf doctor` looks at it"},
	{[][]string{pull},
		"the image {image} can't be pulled; push it again with `bbf images`, and run `bbf up`"},
	{[][]string{{"outofmemory", "out of memory", "memory usage"}},
		"it ran out of memory; make {room}.memory larger in bbf.yaml and run `bbf setup`"},
	{[][]string{{"log group does not exist", "log group doesn't exist"}},
		"the log group {logs} is gone; `bbf up` makes it again"},
	{[][]string{{"accessdenied", "not authorized"}, {"log", "secrets", "registry auth"}},
		"the cluster's execution role isn't allowed what a task needs to start; run `bbf setup`"},
	{[][]string{{"logging driver", "logger args", "log stream"}},
		"CloudWatch Logs can't be reached; the subnets need a route to an internet gateway: `bbf doctor` looks at it"},
	{[][]string{{"pull secrets or registry auth", "ecr registry auth"}},
		"ECR can't be reached; the subnets need a route to an internet gateway, and the VPC DNS resolution: `bbf doctor` looks at it"},
	{[][]string{{"assume the role", "assume role"}},
		"ECS can't take on the roles that setup made; run `bbf setup`"},
	{[][]string{{"insufficientfreeaddresses", "free addresses", "available ip"}},
		"a subnet has no address left; stop what else uses it, or give bbf.yaml larger subnets and run `bbf setup`"},
	{[][]string{{"invalidsubnet", "invalidgroup", "invalidsecuritygroup"}},
		"its subnet or security group is gone; run `bbf setup`"},
	{[][]string{{"network interface", "configure eni", "setup regular eni", "resource:eni"}},
		"its network interface couldn't be made; ECS tries again. If it goes on, `bbf doctor` looks at the subnets"},
	{[][]string{{"ephemeralstorage", "ephemeral storage"}},
		"its disk wasn't there in time; ECS tries again"},
	{[][]string{{"number of vcpus", "number of tasks you can run"}},
		"the account's quota for Fargate is used up; run fewer workers, or have the quota raised in Service Quotas: `bbf doctor` shows it"},
	{[][]string{{"above your limit", "configuration is invalid", "no fargate configuration"}},
		"the account may not run tasks of this size; choose smaller ones in bbf.yaml and run `bbf setup`, or ask AWS to raise the limit"},
	{[][]string{{"spotinterruption", "spot interruption", "spot task"}},
		"AWS has taken its Spot capacity back; ECS starts another. Actions that ran there run again; without workers.spot it doesn't happen"},
	{[][]string{{"capacity is unavailable", "insufficient capacity", "capacity unavailable"}},
		"AWS has no Fargate capacity left in the cluster's zones; ECS tries again. More zones help, and on-demand instead of Spot"},
	{[][]string{{"maintenance", "underlying infrastructure", "retire"}},
		"AWS has taken the machine below it out of service; ECS starts another"},
	{[][]string{{"health check"}},
		"it didn't answer its health checks; see its log"},
	{[][]string{{"executable file not found", "no such file or directory", "permission denied: unknown"}},
		"the image {image} doesn't have the command that it is started with; correct images in bbf.yaml and run `bbf setup`"},
	{[][]string{{"runtimetimeout", "dockertimeout", "could not transition", "timed out"}},
		"it didn't start in time; ECS tries again"},
	{[][]string{{"cannotcreatecontainer", "cannotstartcontainer", "containerruntimeerror", "cannotinspect", "cannotcreatevolume", "resourceinitialization", "internalerror", "internal error"}},
		"AWS couldn't start it; ECS tries again. If it goes on, its log and AWS's health dashboard may tell more"},
	{[][]string{{"throttled"}},
		"AWS limits how fast tasks are started after failures; ECS goes on by itself"},
	{[][]string{{"minimumhealthypercent", "maximumpercent"}},
		"the service's deployment limits keep ECS from replacing tasks; run `bbf setup`"},
	{[][]string{{"unable to consistently start", "tasks failed to start", "circuit breaker"}},
		"its tasks fail again and again; `bbf status` tells why the last ones did"},
}

// explain finds the words for what ECS says; "" when there are none.
func explain(said string) string {
	said = strings.ToLower(said)
	for _, e := range explanations {
		if e.fits(said) {
			return e.words
		}
	}
	return ""
}

func (e explanation) fits(said string) bool {
	for _, group := range e.signs {
		if !containsAny(said, group) {
			return false
		}
	}
	return true
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}
