// Who may do what, as a table: for each policy or set of policies, requests that are allowed and requests that are not. Everything is of the
// cluster "plain" of the Go tests, but for what says otherwise.

const region = 'eu-central-1'
const account = '123456789012'
const arn = (service, resource) => `arn:aws:${service}:${region}:${account}:${resource}`
const role = name => `arn:aws:iam::${account}:role/${name}`
const ours = name => role(`bbf-acme-builds-${region}-${name}`)
const object = key => `arn:aws:s3:::acme-builds/${key}`
const service = name => arn('ecs', `service/acme-builds/${name}`)
const task = arn('ecs', 'task/acme-builds/0123456789abcdef0123456789abcdef')
const tasksOf = cluster => arn('ecs', `container-instance/${cluster}/*`)
const manager = arn('lambda', 'function:acme-builds-manager')
const signed = { 'lambda:FunctionUrlAuthType': 'AWS_IAM' }
const viaUrl = { 'lambda:InvokedViaFunctionUrl': 'true' }
const stack = name => arn('cloudformation', `stack/${name}/0a1b2c3d-0000-0000-0000-000000000000`)
const cloudFormation = { 'aws:CalledVia': ['cloudformation.amazonaws.com'] }
const logGroup = name => arn('logs', `log-group:${name}:*`)

// What everybody who calls the manager may do.
const callManager = {
  may: [
    ['lambda:InvokeFunctionUrl', manager, signed],
    ['lambda:InvokeFunction', manager, viaUrl],
    ['cloudformation:DescribeStacks', stack('acme-builds-manager')],
  ],
  mayNot: [
    ['lambda:InvokeFunction', manager], // past the URL nobody knows who calls
    ['lambda:InvokeFunctionUrl', arn('lambda', 'function:other-manager'), signed],
    ['lambda:UpdateFunctionCode', manager],
    ['lambda:GetFunction', manager],
    ['cloudformation:DescribeStacks', stack('acme-builds-infra')],
    ['cloudformation:DeleteStack', stack('acme-builds-manager')],
    ['ecs:UpdateService', service('workers')],
    ['s3:GetObject', object('bbf/acme-builds/state/up.json')],
    ['iam:PassRole', ours('manager'), { 'iam:PassedToService': 'lambda.amazonaws.com' }],
  ],
}
const config = ['s3:GetObject', object('bbf/acme-builds/config.json')]
const reader = { may: callManager.may, mayNot: [...callManager.mayNot, config] }
// `up` compares bbf.yaml with what is deployed.
const builder = {
  may: [...callManager.may, config],
  mayNot: [
    ...callManager.mayNot,
    ['s3:PutObject', object('bbf/acme-builds/config.json')],
    ['s3:GetObject', object('bbf/other/config.json')],
    ['s3:ListBucket', 'arn:aws:s3:::acme-builds'],
  ],
}

// "complete": the policy allows no action that "may" doesn't have.
export const cases = [
  { who: 'a reader', policies: ['reader'], complete: true, ...reader },
  { who: 'a builder', policies: ['builder'], complete: true, ...builder },
  { who: 'a CI job', policies: [`role-bbf-acme-builds-${region}-github`], complete: true, ...builder },
  {
    who: 'an action on a worker',
    policies: [`role-bbf-acme-builds-${region}-worker`],
    complete: true,
    may: [
      ['ecs:ListTasks', tasksOf('acme-builds')],
      ['ecs:DescribeTasks', task],
    ],
    mayNot: [
      ['ecs:ListTasks', tasksOf('production')],
      ['ecs:DescribeTasks', arn('ecs', 'task/production/0123456789abcdef0123456789abcdef')],
      ['ecs:UpdateService', service('workers')],
      ['ecs:DescribeServices', service('workers')],
      ['ecs:RunTask', arn('ecs', 'task-definition/bbf-acme-builds-worker:1')],
      ['ecs:StopTask', task],
      ['ecs:ExecuteCommand', task],
      ['s3:GetObject', object('bbf/acme-builds/config.json')],
      ['s3:PutObject', object('bbf/acme-builds/state/activity.json')],
      ['s3:ListBucket', 'arn:aws:s3:::acme-builds'],
      ['sts:AssumeRole', ours('manager')],
      ['iam:PassRole', ours('worker'), { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }],
      ['ecr:BatchGetImage', arn('ecr', 'repository/bbf/acme-builds/worker')],
      ['logs:PutLogEvents', arn('logs', 'log-group:/bbf/acme-builds:log-stream:worker/worker/1')],
      ['lambda:InvokeFunctionUrl', manager, signed],
    ],
  },
  {
    who: 'the gateway of the server',
    policies: [`role-bbf-acme-builds-${region}-server`],
    complete: true,
    may: [
      ['ecs:ListTasks', tasksOf('acme-builds')],
      ['ecs:DescribeTasks', task],
      ['ecs:DescribeServices', service('server')],
      ['ecs:UpdateService', service('server')],
      ['ecs:UpdateService', service('workers')],
      ['s3:PutObject', object('bbf/acme-builds/state/activity.json')],
    ],
    mayNot: [
      ['ecs:UpdateService', service('workers'), { 'ecs:task-definition': arn('ecs', 'task-definition/miner:1') }],
      ['ecs:UpdateService', service('workers'), { 'ecs:enable-execute-command': 'true' }],
      ['ecs:UpdateService', service('database')],
      ['ecs:UpdateService', arn('ecs', 'service/production/server')],
      ['ecs:DeleteService', service('workers')],
      ['s3:GetObject', object('bbf/acme-builds/config.json')],
      ['s3:PutObject', object('bbf/acme-builds/config.json')],
      ['s3:PutObject', object('bbf/acme-builds/state/up.json')],
      ['s3:PutObject', object('bbf/other/state/activity.json')],
    ],
  },
  {
    who: 'ECS that starts a task',
    policies: [`role-bbf-acme-builds-${region}-execution`],
    complete: true,
    may: [
      ['ecr:GetAuthorizationToken', '*'],
      ['ecr:BatchCheckLayerAvailability', arn('ecr', 'repository/bbf/acme-builds/worker')],
      ['ecr:BatchGetImage', arn('ecr', 'repository/bbf/acme-builds/worker')],
      ['ecr:GetDownloadUrlForLayer', arn('ecr', 'repository/bbf/acme-builds/gateway')],
      ['logs:CreateLogStream', arn('logs', 'log-group:/bbf/acme-builds:log-stream:server/redis/1')],
      ['logs:PutLogEvents', arn('logs', 'log-group:/bbf/acme-builds:log-stream:server/redis/1')],
    ],
    mayNot: [
      ['ecr:BatchGetImage', arn('ecr', 'repository/production/app')],
      ['ecr:BatchGetImage', arn('ecr', 'repository/bbf/acme-builds-2/worker')],
      ['ecr:PutImage', arn('ecr', 'repository/bbf/acme-builds/worker')],
      ['logs:CreateLogGroup', logGroup('/bbf/acme-builds')],
      ['logs:PutLogEvents', arn('logs', 'log-group:/bbf/acme-builds-2:log-stream:1')],
    ],
  },
  {
    who: 'ECS that starts a task whose image is from elsewhere',
    cluster: 'full',
    policies: ['role-bbf-a-cluster-with-long-name-us-gov-west-1-execution'],
    may: [
      ['ecr:BatchGetImage', 'arn:aws-us-gov:ecr:us-gov-east-1:210987654321:repository/tools/worker'],
      ['ecr:BatchGetImage', 'arn:aws-us-gov:ecr:us-gov-west-1:123456789012:repository/tools/server'],
    ],
    mayNot: [['ecr:BatchGetImage', 'arn:aws-us-gov:ecr:us-gov-east-1:210987654321:repository/tools/secret']],
  },
  {
    who: 'the manager',
    policies: [`role-bbf-acme-builds-${region}-manager`],
    complete: true,
    may: [
      ['ecs:DescribeServices', service('server')],
      ['ecs:UpdateService', service('server')],
      ['ecs:UpdateService', service('workers')],
      ['ecs:ListTasks', tasksOf('acme-builds')],
      ['ecs:DescribeTasks', task],
      ['ec2:DescribeNetworkInterfaces', '*'],
      ['s3:GetObject', object('bbf/acme-builds/config.json')],
      ['s3:GetObject', object('bbf/acme-builds/state/up.json')],
      ['s3:GetObject', object('bbf/acme-builds/state/activity.json')],
      ['s3:PutObject', object('bbf/acme-builds/state/up.json')],
      ['s3:ListBucket', 'arn:aws:s3:::acme-builds'],
      ['logs:CreateLogGroup', logGroup('/bbf/acme-builds')],
      ['logs:PutRetentionPolicy', logGroup('/bbf/acme-builds')],
      ['logs:CreateLogStream', arn('logs', 'log-group:/aws/lambda/acme-builds-manager:log-stream:1')],
      ['logs:PutLogEvents', arn('logs', 'log-group:/aws/lambda/acme-builds-manager:log-stream:1')],
    ],
    mayNot: [
      ['ecs:UpdateService', service('workers'), { 'ecs:task-definition': arn('ecs', 'task-definition/miner:1') }],
      ['ecs:UpdateService', arn('ecs', 'service/production/server')],
      ['ecs:ListTasks', tasksOf('production')],
      ['ecs:RunTask', arn('ecs', 'task-definition/bbf-acme-builds-worker:1')],
      ['s3:PutObject', object('bbf/acme-builds/config.json')],
      ['s3:PutObject', object('bbf/acme-builds/state/activity.json')],
      ['s3:GetObject', object('bbf/acme-builds/manager/0.zip')],
      ['s3:DeleteObject', object('bbf/acme-builds/state/up.json')],
      ['logs:DeleteLogGroup', logGroup('/bbf/acme-builds')],
      ['logs:CreateLogGroup', logGroup('/aws/lambda/acme-builds-manager')],
      ['iam:PassRole', ours('server'), { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }],
    ],
  },
  {
    who: 'an operator',
    policies: ['operator', 'stacks', 'network'],
    may: [
      ['cloudformation:CreateChangeSet', stack('acme-builds-infra')],
      ['cloudformation:DeleteStack', stack('acme-builds-workers')],
      ['cloudformation:ExecuteChangeSet', stack('acme-builds-ci-github')],
      ['s3:CreateBucket', 'arn:aws:s3:::acme-builds'],
      ['s3:PutObject', object('bbf/acme-builds/manager/0.zip')],
      ['s3:DeleteObject', object('bbf/acme-builds/config.json')], // teardown: nothing is deployed any more
      ['ecs:UpdateService', service('workers')],
      ['lambda:InvokeFunctionUrl', manager, signed],
      ['lambda:InvokeFunction', manager, viaUrl],
      ['iam:GetOpenIDConnectProvider', `arn:aws:iam::${account}:oidc-provider/gitlab.com`],
      ['servicequotas:GetServiceQuota', arn('servicequotas', 'fargate/L-3032A538')],
      ['iam:SimulatePrincipalPolicy', role('teams/operator')],
      ['iam:SimulatePrincipalPolicy', `arn:aws:iam::${account}:user/ann`],
      ['iam:CreateRole', ours('manager'), cloudFormation],
      ['iam:PassRole', ours('manager'), { ...cloudFormation, 'iam:PassedToService': 'lambda.amazonaws.com' }],
      ['iam:PassRole', ours('worker'), { ...cloudFormation, 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }],
      ['iam:CreateServiceLinkedRole', role('aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS'), { 'iam:AWSServiceName': 'ecs.amazonaws.com' }],
      ['ec2:CreateVpc', arn('ec2', 'vpc/vpc-0123456789abcdef0'), cloudFormation],
      ['ec2:DeleteVpc', arn('ec2', 'vpc/vpc-0123456789abcdef0'), { ...cloudFormation, 'aws:ResourceTag/bbf:cluster': 'acme-builds' }],
      ['lambda:CreateFunction', manager, cloudFormation],
      ['events:PutRule', arn('events', 'rule/bbf-acme-builds-tick'), cloudFormation],
      ['ecs:CreateService', service('server'), cloudFormation],
      ['logs:DeleteLogGroup', logGroup('/bbf/acme-builds')],
    ],
    mayNot: [
      ['cloudformation:CreateChangeSet', stack('production')],
      ['cloudformation:DeleteStack', stack('acme-builds-2-infra')],
      ['s3:PutObject', object('website/index.html')],
      ['s3:DeleteObject', object('website/index.html')],
      ['s3:DeleteObject', object('bbf/other/config.json')],
      ['s3:DeleteObjectVersion', object('website/index.html')],
      ['s3:DeleteBucket', 'arn:aws:s3:::production'],
      ['lambda:InvokeFunction', manager],
      ['iam:CreateRole', ours('manager')], // not without CloudFormation
      ['iam:CreateRole', role('admin'), cloudFormation],
      ['iam:AttachRolePolicy', ours('worker'), { ...cloudFormation, 'iam:PolicyARN': 'arn:aws:iam::aws:policy/AdministratorAccess' }],
      ['iam:PassRole', ours('manager'), { ...cloudFormation, 'iam:PassedToService': 'ec2.amazonaws.com' }],
      ['iam:PassRole', ours('manager'), { ...cloudFormation, 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }],
      ['iam:PassRole', role('admin'), { ...cloudFormation, 'iam:PassedToService': 'lambda.amazonaws.com' }],
      ['iam:CreateServiceLinkedRole', role('aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot'), { 'iam:AWSServiceName': 'spot.amazonaws.com' }],
      ['ec2:DeleteVpc', arn('ec2', 'vpc/vpc-0123456789abcdef0'), { ...cloudFormation, 'aws:ResourceTag/bbf:cluster': 'other' }],
      ['ec2:DeleteVpc', arn('ec2', 'vpc/vpc-0123456789abcdef0'), { 'aws:ResourceTag/bbf:cluster': 'acme-builds' }],
      ['ec2:RunInstances', arn('ec2', 'instance/i-0123456789abcdef0'), cloudFormation],
      ['ec2:AuthorizeSecurityGroupIngress', arn('ec2', 'security-group/sg-0123456789abcdef0'), cloudFormation],
      ['ecs:UpdateService', arn('ecs', 'service/production/server')],
      ['ecs:DeleteService', service('server')],
      ['lambda:UpdateFunctionCode', manager],
      ['logs:DeleteLogGroup', logGroup('/production')],
    ],
  },
  {
    who: 'an operator with a boundary and a policy for workers',
    cluster: 'full',
    policies: ['stacks', 'network'],
    may: [
      ['iam:CreateRole', 'arn:aws-us-gov:iam::123456789012:role/bbf-a-cluster-with-long-name-us-gov-west-1-worker',
        { ...cloudFormation, 'iam:PermissionsBoundary': 'arn:aws-us-gov:iam::123456789012:policy/teams/boundary' }],
      ['iam:AttachRolePolicy', 'arn:aws-us-gov:iam::123456789012:role/bbf-a-cluster-with-long-name-us-gov-west-1-worker',
        { ...cloudFormation, 'iam:PolicyARN': 'arn:aws-us-gov:iam::123456789012:policy/test-data' }],
    ],
    mayNot: [
      ['iam:CreateRole', 'arn:aws-us-gov:iam::123456789012:role/bbf-a-cluster-with-long-name-us-gov-west-1-worker', cloudFormation],
      ['iam:PutRolePolicy', 'arn:aws-us-gov:iam::123456789012:role/bbf-a-cluster-with-long-name-us-gov-west-1-worker', cloudFormation],
      ['iam:AttachRolePolicy', 'arn:aws-us-gov:iam::123456789012:role/bbf-a-cluster-with-long-name-us-gov-west-1-worker',
        { ...cloudFormation, 'iam:PolicyARN': 'arn:aws-us-gov:iam::aws:policy/AdministratorAccess' }],
      ['ec2:CreateVpc', 'arn:aws-us-gov:ec2:us-gov-west-1:123456789012:vpc/vpc-0123456789abcdef1', cloudFormation], // it has one
      ['ec2:DeleteSubnet', 'arn:aws-us-gov:ec2:us-gov-west-1:123456789012:subnet/subnet-0123456789abcdef0',
        { ...cloudFormation, 'aws:ResourceTag/bbf:cluster': 'a-cluster-with-long-name' }],
    ],
  },
]
