package access_test

import (
	"strings"
	"testing"

	"github.com/bbf-build/bbf/infra/manager/access"
	"github.com/bbf-build/bbf/infra/manager/api"
	"github.com/bbf-build/bbf/infra/schema"
)

const (
	session = "arn:aws:sts::123456789012:assumed-role/Builders/alice@example.com"
	user    = "arn:aws:iam::123456789012:user/ops/bob"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		name, pattern, arn string
		want               bool
	}{
		{"Exact", user, user, true},
		{"ExactSession", session, session, true},
		{"AnyCharactersCrossSlashes", "arn:aws:iam::123456789012:user/*", user, true},
		{"Everybody", "*", session, true},
		{"TwoStars", "arn:*:iam::123456789012:user/*b", user, true},
		{"StarForNothing", user + "*", user, true},
		{"MiddleMustBeThere", "arn:*:user/*x*b", user, false},
		{"PrefixAndSuffixMayNotOverlap", "ab*ba", "aba", false},
		{"OtherCase", "arn:aws:iam::123456789012:user/ops/Bob", user, false},
		{"OtherAccount", "arn:aws:iam::999999999999:user/*", user, false},
		{"PrefixOnly", "arn:aws:iam::123456789012:user/ops", user, false},
		{"RoleOfASession", "arn:aws:iam::123456789012:role/Builders", session, true},
		{"RoleWithAPath", "arn:aws:iam::123456789012:role/team/a/Builders", session, true},
		{"RoleByName", "arn:aws:iam::123456789012:role/Build*", session, true},
		{"RoleByNameBelowAPath", "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/*/Build*", session, true},
		{"AnyRole", "arn:aws:iam::123456789012:role/*", session, true},
		{"AnyRoleBelowAPath", "arn:aws:iam::123456789012:role/ci/*", session, false},
		{"AnythingOfTheAccount", "arn:aws:iam::123456789012:*", session, true},
		{"AnotherRole", "arn:aws:iam::123456789012:role/Builder", session, false},
		{"RoleOfAnotherAccount", "arn:aws:iam::999999999999:role/Builders", session, false},
		{"RoleOfAnotherPartition", "arn:aws-cn:iam::123456789012:role/Builders", session, false},
		{"SessionPattern", "arn:aws:sts::123456789012:assumed-role/Builders/*", session, true},
		{"RoleDoesNotMatchUsers", "arn:aws:iam::123456789012:role/*", user, false},
		{"UserNamedLikeARole", "arn:aws:iam::123456789012:role/bob", user, false},
		{"SessionNameIsNotTheRole", "arn:aws:iam::123456789012:role/alice@example.com", session, false},
		{"StarOverTheLastParts", "arn:aws:iam::1234*", user, true},
		{"FewerPartsWithoutAStar", "arn:aws:iam", user, false},
		{"PathThatLooksLikeAnAccount", "arn:*:*::123456789012:*", "arn:aws:iam::999999999999:user/x::123456789012:user/bob", false},
		{"EmptyPattern", "", user, false},
		{"NotAnARN", "arn:aws:iam::123456789012:role/x", "x", false},
		{"SessionWithoutAName", "arn:aws:iam::123456789012:role/x", "arn:aws:sts::123456789012:assumed-role/x", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := access.Match(c.pattern, c.arn); got != c.want {
				t.Errorf("Match(%q, %q) = %v", c.pattern, c.arn, got)
			}
		})
	}
}

func TestRole(t *testing.T) {
	t.Run("TheFirstMatchDecides", func(t *testing.T) {
		l := access.New([]schema.Access{
			{ARN: "arn:aws:iam::123456789012:user/ops/bob", Role: "reader"},
			{ARN: "arn:aws:iam::123456789012:user/ops/*", Role: "admin"},
		}, "123456789012", "")
		if got := l.Role(user); got != api.RoleReader {
			t.Errorf("got %q", got)
		}
		if got := l.Role("arn:aws:iam::123456789012:user/ops/eve"); got != api.RoleAdmin {
			t.Errorf("got %q", got)
		}
		if got := l.Role(session); got != api.RoleNone {
			t.Errorf("got %q for somebody whom no pattern matches", got)
		}
	})
	t.Run("WithoutAList", func(t *testing.T) {
		l := access.New(nil, "123456789012", "arn:aws:sts::123456789012:assumed-role/Admins/botocore-session-1")
		for arn, want := range map[string]api.Role{
			user:                                    api.RoleBuilder,
			session:                                 api.RoleBuilder,
			"arn:aws:iam::123456789012:root":        api.RoleAdmin,
			"arn:aws:iam::999999999999:root":        api.RoleNone,
			"arn:aws:iam::999999999999:user/mallet": api.RoleNone,
			"arn:aws:sts::123456789012:assumed-role/Admins/botocore-session-2": api.RoleAdmin,
			"arn:aws:sts::123456789012:federated-user/carol":                   api.RoleBuilder,
			"arn:aws:sts::999999999999:assumed-role/Admins/x":                  api.RoleNone,
			"": api.RoleNone,
		} {
			if got := l.Role(arn); got != want {
				t.Errorf("%q is %q, want %q", arn, got, want)
			}
		}
	})
	t.Run("WithoutAListOrAnAccount", func(t *testing.T) {
		if got := access.New(nil, "", "").Role(user); got != api.RoleNone {
			t.Errorf("got %q", got)
		}
	})
}

func TestRefusal(t *testing.T) {
	l := access.List{{ARN: "arn:aws:iam::123456789012:role/Ops", Role: "admin"}, {ARN: "*", Role: "reader"}}
	got := l.Refusal(user, api.RoleReader, api.RoleBuilder)
	for _, want := range []string{"needs the role builder", user + " is reader", "arn:aws:iam::123456789012:role/Ops (admin)"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q doesn't say %q", got, want)
		}
	}
	if strings.Contains(got, "* (reader)") {
		t.Errorf("%q names a pattern that doesn't give the role", got)
	}
	if got := (access.List{}).Refusal(user, api.RoleNone, api.RoleReader); !strings.Contains(got, "has none") || !strings.Contains(got, "to nobody") {
		t.Errorf("got %q", got)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("arn:*:role/*", session)
	f.Fuzz(func(t *testing.T, pattern, arn string) {
		if !access.Match(arn, arn) && !strings.Contains(arn, "*") {
			t.Errorf("%q doesn't match itself", arn)
		}
		access.Match(pattern, arn)
	})
}

func TestPerson(t *testing.T) {
	for arn, want := range map[string]string{
		session: "arn:aws:iam::123456789012:role/Builders",
		"arn:aws:sts::123456789012:assumed-role/Builders/bob": "arn:aws:iam::123456789012:role/Builders",
		"arn:aws:sts::999999999999:assumed-role/Builders/bob": "arn:aws:iam::999999999999:role/Builders",
		user: user,
		"":   "",
	} {
		if got := access.Person(arn); got != want {
			t.Errorf("%q is %q, want %q", arn, got, want)
		}
	}
}
