package cloudformation_test

import "testing"

// Setup sends templates inline, which CloudFormation takes up to 51,200 bytes.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const (
	largestTemplate = 51_200
	room            = 10_240 // that each has left to grow
)

func TestTemplatesAreSmallEnough(t *testing.T) {
	for name, c := range clusters() {
		for _, stack := range c.stacks(t) {
			if size := len(stack.Template); size == 0 || size > largestTemplate-room {
				t.Errorf("%s of the cluster %s has %d bytes; %d are allowed, and %d of them are to be left", stack.Kind, name, size, largestTemplate, room)
			}
		}
	}
}
