package config_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bbf-build/bbf/infra/schema"
	"github.com/bbf-build/bbf/tools/cluster/config"
)

// parse fails the test when there is a mistake.
func parse(t *testing.T, text string) *schema.Config {
	t.Helper()
	c, err := config.Parse("bbf.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return c
}

const team = `# The builds of Acme.
cluster: acme-builds
backend: aws
aws: {region: eu-west-1, bucket: acme-builds, vpc: {new: {cidr: 10.90.0.0/16}}}
workers: {image: debian:bookworm, cpu: 4, memory: 8192, min: 0, max: 40, default: 4}
auth: {issued: {validity: 12h}}
idle: 20m
`

func TestParse(t *testing.T) {
	t.Run("WhenItIsATeams", func(t *testing.T) {
		c := parse(t, team)
		want := schema.Config{
			Cluster: "acme-builds",
			Backend: schema.BackendAWS,
			AWS:     schema.AWS{Region: "eu-west-1", Bucket: "acme-builds", VPC: schema.VPC{New: &schema.NewVPC{CIDR: "10.90.0.0/16"}}},
			Workers: schema.Workers{Image: "debian:bookworm", CPU: 4, Memory: 8192, Max: 40, Default: 4},
			Auth:    schema.Auth{Issued: &schema.IssuedAuth{Validity: schema.Duration(12 * time.Hour)}},
			Idle:    schema.Duration(20 * time.Minute),
		}
		schema.Defaults(&want)
		if !reflect.DeepEqual(*c, want) {
			t.Errorf("got %+v\nwant %+v", *c, want)
		}
		if c.AWS.VPC.New.Zones != 2 || c.AWS.LogGroup != "/bbf/acme-builds" || c.Server.CPU != 2 {
			t.Errorf("the defaults are missing: %+v", c)
		}
	})
	for name, text := range map[string]string{
		"WhenOnlyTheBackendIsWritten":     "backend: local\n",
		"WhenOnlyTheClusterIsWritten":     "cluster: acme\n",
		"WhenAWSIsNotUsed":                strings.Replace(team, "backend: aws", "backend: local", 1),
		"WhenTheBucketOfNoUseIsMissing":   "backend: local\naws: {region: eu-west-1}\n",
		"WhenLinesEndAsOnWindows":         strings.ReplaceAll(team, "\n", "\r\n"),
		"WhenItBeginsWithAByteOrderMark":  "\ufeff" + team,
		"WhenItBeginsAndEndsAsADocument":  "---\n" + team + "...\n",
		"WhenItHasADirective":             "%YAML 1.2\n---\n" + team,
		"WhenTheLastLineIsNotEnded":       strings.TrimSuffix(team, "\n"),
		"WhenCommentsAndGapsAreIndented":  team + "\n  # here\n  \n",
		"WhenValuesAreQuoted":             "backend: 'local'\n\"cluster\": \"acme\"\n",
		"WhenItIsJSON":                    `{"backend": "local", "workers": {"cpu": 0.25, "memory": 512, "spot": true}}`,
		"WhenNumbersHaveAFraction":        "backend: local\nworkers: {cpu: 4.0, memory: 8192.0}\n",
		"WhenAWorkerIsSmall":              "backend: local\nworkers: {cpu: .25, memory: 1024}\n",
		"WhenTheNetworkIsAsSmallAsItMay":  "backend: local\naws: {vpc: {new: {cidr: 10.0.0.64/26}}}\n",
		"WhenTagsAreInAnotherLanguage":    "backend: local\naws: {tags: {équipe: bâtisseurs, empty: \"\"}}\n",
		"WhenEverybodyIsABuilder":         "backend: local\naccess: [{arn: '*', role: builder}]\n",
		"WhenAWholeAccountIsABuilder":     "backend: local\naccess: [{arn: 'arn:aws:iam::123456789012:*', role: builder}]\n",
		"WhenSessionsOfARoleAreReaders":   "backend: local\naccess: [{arn: 'arn:aws:sts::123456789012:assumed-role/ci/*', role: reader}]\n",
		"WhenOtherPartitionsAreNamed":     "backend: local\naccess: [{arn: 'arn:aws-us-gov:iam::123456789012:root', role: admin}]\n",
		"WhenAnImageHasEverything":        "backend: local\nimages: {redis: 'localhost:5000/a/b-c__d:1.0@sha256:" + strings.Repeat("0a", 32) + "'}\n",
		"WhenMinIsMoreThanTheUsualNumber": "backend: local\nworkers: {min: 5}\n",
	} {
		t.Run(name, func(t *testing.T) { parse(t, text) })
	}
}

// What the schema shows as examples has to be right, all at once; and of what excludes itself, each.
func TestExamplesOfTheSchemaAreFine(t *testing.T) {
	for choice := range 4 {
		data, err := json.Marshal(exampleOf(schema.Root(), choice))
		if err != nil {
			t.Fatal(err)
		}
		c := parse(t, string(data))
		if c.Backend != schema.BackendAWS || len(c.AWS.Tags) != 2 || len(c.Access) != 1 || c.Workers.Max != 40 {
			t.Errorf("%+v", c)
		}
	}
}

func exampleOf(f *schema.Field, choice int) any {
	switch {
	case len(f.Examples) > 0:
		return f.Examples[0]
	case f.Items != nil:
		return []any{exampleOf(f.Items, choice)}
	}
	object := map[string]any{}
	for i, p := range f.Properties {
		if f.MaxProperties != 1 || i == choice%len(f.Properties) {
			object[p.Key] = exampleOf(p.Field, choice)
		}
	}
	return object
}
