// Package standin starts an AWS stand-in for a test: CloudFormation, IAM, STS, ECS with tasks that are real processes,
// Lambda with Function URLs, S3, ECR, CloudWatch Logs and EventBridge, all on a port of this machine.
//
//	cloud := standin.Start(t, standin.Options{Images: map[string]standin.ImageCommand{
//		"bbf/acme/server": {Argv: []string{"sh", "-c", "exec sleep infinity"}},
//	}})
//	operator := cloud.User(t, "operator", policy)                    // an IAM user with exactly that policy
//	client := cloudformation.NewFromConfig(cloud.Config(operator))   // the SDK, unchanged
//	cmd.Env = append(cmd.Env, cloud.Env(operator)...)                // a program, unchanged
//	…
//	for _, action := range standin.Actions(cloud.Requests(t)) { … }  // what was asked of AWS
//
// Signatures and policies are checked unless Options.NoAuth says otherwise. It all ends with the test, also when the
// test is killed. The first start on a machine makes a Python environment (about 20 s); later ones take 2 s.
package standin
