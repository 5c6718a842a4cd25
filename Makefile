# The commands a person types. Each says what it does, installs what is missing where it may, and can be run again.

.DEFAULT_GOAL := help
.PHONY: help dev test test-all test-kill simulate matrix watch deploy-local build lint gen bench bench-scale seed reindex clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

dev: ## run the whole shop on this machine, at http://localhost:8080
	@infra/bin/dev.sh

test: ## set up what the tests need and run them all, but for the long ones
	@infra/bin/test.sh

test-all: ## the same, the long runs and the kill test
	@infra/bin/test.sh --all

test-kill: ## kill processes and servers while people buy, and look whether all that was promised is true
	@infra/bin/test-kill.sh

watch: ## run each function as its own Lambda process, against PostgreSQL and Redis
	@infra/bin/watch.sh

deploy-local: ## deploy template.yaml to an AWS emulator on this machine
	@infra/bin/deploy-local.sh

build: ## build every function for AWS into target/lambda
	@infra/bin/build.sh

lint: ## check format, lints, licences, generated files, templates and scripts
	@infra/bin/lint.sh

gen: ## write what is generated from the functions' declarations
	@cargo run --quiet --all-features --bin bharatmart-generate

bench: ## measure cold starts, sizes, requests a second, and a catalogue of a million products
	@infra/bin/bench.sh

bench-scale: ## only the last of these; BENCH_PRODUCTS says how many
	@infra/bin/bench.sh scale

seed: ## put the first stock into the store of the settings; adds only what is missing
	@infra/bin/seed.sh

reindex: ## build the search index anew from the store of the settings; the old one serves meanwhile
	@infra/bin/reindex.sh

simulate: ## live through SEEDS seeds of the simulated shop, from FIRST_SEED on; one that fails prints its history
	@cargo run --quiet --release --package bharatmart-simulation --bin simulate -- --seeds $(or $(SEEDS),2000) --first $(or $(FIRST_SEED),1)

matrix: ## strike every call of every port, and write the table into docs/reliability.md
	@cargo run --quiet --package bharatmart-simulation --bin simulate -- --matrix

clean: ## remove what was built; keeps the shop's data in data/ and the tools in .tools/
	@rm -rf target frontend/node_modules frontend/dist
	@echo "Removed what was built. The shop's data (data/) and the tools (.tools/) are kept."
