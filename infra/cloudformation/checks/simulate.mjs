// Puts the requests of cases.mjs to iam-simulate, which decides as IAM would. It also refuses actions, resources and conditions that don't
// exist or don't belong together. Its one argument is the folder that it is installed in.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cases } from './cases.mjs'

const require = createRequire(`${process.argv[2]}/package.json`)
const { runSimulation } = require('@cloud-copilot/iam-simulate')

const account = '123456789012'
const golden = (cluster, what, name) => JSON.parse(readFileSync(new URL(`../testdata/${cluster}/${what}/${name}.json`, import.meta.url)))
const list = x => [x].flat()
let failures = 0

function report(who, problem) {
  console.log(`${who}: ${problem}`)
  failures++
}

async function decide(policies, action, resource, context = {}) {
  const result = await runSimulation({
    request: { principal: `arn:aws:iam::${account}:role/somebody`, action, resource: { resource, accountId: account }, contextVariables: context },
    identityPolicies: policies,
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }, {})
  return result.resultType === 'error' ? `not decided: ${JSON.stringify(result.errors)}` : result.overallResult
}

for (const { who, cluster = 'plain', policies: names, complete, may, mayNot } of cases) {
  const policies = names.map(name => ({ name, policy: golden(cluster, 'policies', name) }))
  for (const [action, resource, context] of may) {
    const answer = await decide(policies, action, resource, context)
    if (answer !== 'Allowed') report(who, `may not ${action} on ${resource}: ${answer}`)
  }
  for (const [action, resource, context] of mayNot) {
    const answer = await decide(policies, action, resource, context)
    if (answer !== 'ImplicitlyDenied') report(who, `${action} on ${resource} should be refused: ${answer}`)
  }
  const tried = new Set(may.map(([action]) => action))
  const actions = policies.flatMap(p => p.policy.Statement).flatMap(s => list(s.Action))
  for (const action of complete ? actions.filter(a => !tried.has(a)) : []) report(who, `may ${action} too`)
}

process.exit(failures > 0 ? 1 : 0)
