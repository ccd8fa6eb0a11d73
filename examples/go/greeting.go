// Package greeting says hello.
package greeting

// For returns what to say to name; the world is greeted where there is none.
func For(name string) string {
	if name == "" {
		name = "world"
	}
	return "Hello, " + name + "!"
}
