# Every target is a step of .ci/run, which holds the commands; CONTRIBUTING.md explains them.
steps := test race fuzz golden generate format bench compare parity release vuln

check: # what CI runs
	@.ci/run

$(steps):
	@.ci/run $@

.PHONY: check $(steps)
