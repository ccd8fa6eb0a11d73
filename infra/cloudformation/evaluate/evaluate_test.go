package evaluate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/cloudformation/evaluate"
)

const head = `
Parameters:
  Name: {Type: String, AllowedPattern: '^[a-z]*$'}
  Count: {Type: Number, Default: 2, MinValue: 1, MaxValue: 3}
  Words: {Type: CommaDelimitedList, Default: 'a,b'}
Rules:
  NotBoth:
    RuleCondition: !Equals [!Ref Count, 3]
    Assertions: [{Assert: !Not [!Equals [!Ref Name, '']], AssertDescription: three of nothing}]
Conditions:
  Named: !Not [!Equals [!Ref Name, '']]
  Both: !And [!Condition Named, !Equals [!Ref Count, 2]]
  Either: !Or [!Condition Named, !Equals [!Ref Count, 2]]
Resources:
  Other: {Type: T, Condition: Named, DeletionPolicy: Retain}
  It: {Type: T, Properties: {P: `

var environment = evaluate.Environment{AccountID: "123456789012", Region: "eu-west-1", Partition: "aws", StackName: "s"}

func TestFunctions(t *testing.T) {
	for _, test := range []struct{ name, property, want string }{
		{"Ref", "!Ref Name", "x"},
		{"RefOfAList", "!Ref Words", "[a b]"},
		{"RefOfAResource", "!Ref Other", "${Other}"},
		{"GetAtt", "!GetAtt Other.Arn", "${Other.Arn}"},
		{"Sub", "!Sub '${Name}-${AWS::Region}-${Other}'", "x-eu-west-1-${Other}"},
		{"SubWithNames", "!Sub ['${Name}${More}', {More: !Join ['+', !Ref Words]}]", "xa+b"},
		{"If", "!If [Both, yes, no]", "yes"},
		{"IfOr", "!If [Either, yes, no]", "yes"},
		{"NoValueInAList", "[a, !If [Named, !Ref 'AWS::NoValue', b]]", "[a]"},
		{"NoValueInAMap", "{a: 1, b: !Ref 'AWS::NoValue'}", "map[a:1]"},
		{"SelectAndSplit", "!Select [1, !Split [',', 'p,q']]", "q"},
		{"Cidr", "!Cidr [10.0.0.0/24, 2, 6]", "[10.0.0.0/26 10.0.0.64/26]"},
		{"ImportValue", "{'Fn::ImportValue': !Sub '${Name}-Vpc'}", "${x-Vpc}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			template, err := evaluate.Parse(head + test.property + "}}\n")
			if err != nil {
				t.Fatal(err)
			}
			resources, err := template.Evaluate(map[string]string{"Name": "x"}, environment)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(resources["It"].Properties["P"]); got != test.want {
				t.Errorf("it comes to %s, not %s", got, test.want)
			}
		})
	}
}

func TestResourcesUnderAFalseConditionAreNotMade(t *testing.T) {
	template, err := evaluate.Parse(head + "1}}\n")
	if err != nil {
		t.Fatal(err)
	}
	resources, err := template.Evaluate(map[string]string{"Name": ""}, environment)
	if _, made := resources["Other"]; made || err != nil {
		t.Errorf("made: %v, %v", resources, err)
	}
}

func TestParametersThatAreRefused(t *testing.T) {
	for _, test := range []struct {
		name       string
		parameters map[string]string
		want       string
	}{
		{"WhenOneIsMissing", nil, "parameter Name has no value"},
		{"WhenOneIsUnknown", map[string]string{"Name": "x", "Color": "red"}, "no parameter Color"},
		{"WhenThePatternDoesNotMatch", map[string]string{"Name": "X"}, `Name may not be "X"`},
		{"WhenItIsNoNumber", map[string]string{"Name": "x", "Count": "two"}, `Count may not be "two"`},
		{"WhenItIsTooMuch", map[string]string{"Name": "x", "Count": "4"}, `Count may not be "4"`},
		{"WhenARuleIsBroken", map[string]string{"Name": "", "Count": "3"}, "three of nothing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			template, err := evaluate.Parse(head + "1}}\n")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := template.Evaluate(test.parameters, environment); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, and says nothing of %q", err, test.want)
			}
		})
	}
}
