package stacks_test

import (
	"strings"
	"testing"
)

func (c *cloud) creationThatFails(t *testing.T) {
	s := stack("unlucky")
	c.Fault(t, s.Name, "Role", "the quota of roles is used up")
	_, _, err := c.deploy(t, s)
	if err == nil || !strings.Contains(err.Error(), "Role (AWS::IAM::Role): ") || !strings.Contains(err.Error(), "the quota of roles is used up") {
		t.Fatalf("the reason isn't named: %v", err)
	}
	if state, _ := c.Look(t.Context(), s.Name); state.Status != "ROLLBACK_COMPLETE" {
		t.Fatalf("the stack is %+v", state)
	}
	if _, state, err := c.deploy(t, s); err != nil || state.Status != "CREATE_COMPLETE" {
		t.Errorf("again: %+v, %v", state, err)
	}
}

func (c *cloud) deletionThatFailsOnce(t *testing.T) {
	s := stack("sticky")
	if _, _, err := c.deploy(t, s); err != nil {
		t.Fatal(err)
	}
	c.FaultOnDelete(t, s.Name, "Role", "the role is in use")
	if kept, err := c.Delete(t.Context(), s.Name); err != nil || len(kept) > 0 || !c.saw(s.Name, "DELETE_FAILED") {
		t.Errorf("%+v, %v; told: %v", kept, err, c.events)
	}
}

func (c *cloud) deletionThatFailsForGood(t *testing.T) {
	s := stack("stuck")
	if _, _, err := c.deploy(t, s); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c.FaultOnDelete(t, s.Name, "Role", "the role is in use")
	}
	kept, err := c.Delete(t.Context(), s.Name)
	if err != nil || len(kept) != 1 || kept[0].Resource != "Role" || !strings.Contains(kept[0].Reason, "the role is in use") {
		t.Errorf("%+v, %v", kept, err)
	}
	if state, err := c.Look(t.Context(), s.Name); err != nil || state.ID != "" {
		t.Errorf("the rest isn't gone: %+v, %v", state, err)
	}
}

func (c *cloud) updateThatFails(t *testing.T) {
	s := stack("changing")
	if _, _, err := c.deploy(t, s); err != nil {
		t.Fatal(err)
	}
	s.Parameters["Retention"] = "14"
	c.FaultOnUpdate(t, s.Name, "Logs", "there is no such retention")
	if _, _, err := c.deploy(t, s); err == nil || !strings.Contains(err.Error(), "stack changing: Logs (AWS::Logs::LogGroup): ") {
		t.Errorf("%v", err)
	}
	if state, _ := c.Look(t.Context(), s.Name); state.Status != "UPDATE_ROLLBACK_COMPLETE" || state.Parameters["Retention"] != "7" {
		t.Errorf("not as before: %+v", state)
	}
	if _, state, err := c.deploy(t, s); err != nil || state.Status != "UPDATE_COMPLETE" {
		t.Errorf("again: %+v, %v", state, err)
	}
}
