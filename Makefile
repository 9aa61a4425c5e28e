# The commands of this project. `make help` lists them.
BUILD ?= build
CMAKE_FLAGS ?=
T ?= *
export CTEST_OUTPUT_ON_FAILURE = 1

PACKAGES = g++ cmake ninja-build ccache pkg-config libboost1.81-dev libcpp-httplib-dev libssl-dev \
  nlohmann-json3-dev doctest-dev libcli11-dev libspdlog-dev curl jq openssl ca-certificates python3
LINT_PACKAGES = clang-format clang-tidy
BENCH_PACKAGES = nginx-light haproxy python3 openssl

.DEFAULT_GOAL := build
.PHONY: setup build run demo test test-one lint fmt asan tsan bench package clean help

# install,WORDS: asks for nothing when nothing is missing, for sudo only when not root.
define install
missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
if [ -n "$$missing" ]; then \
  echo "installing: "$$missing; \
  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
  $$sudo apt-get update -qq && \
  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
fi
endef

setup: ## install the packages that are missing
	@$(call install,$(PACKAGES))

$(BUILD)/build.ninja: CMakeLists.txt tests/CMakeLists.txt | setup
	@cmake -S . -B $(BUILD) -G Ninja $(CMAKE_FLAGS)

build: setup $(BUILD)/build.ninja ## build/bearer-proxy (the default)
	@cmake --build $(BUILD) --target bearer-proxy

all: setup $(BUILD)/build.ninja
	@cmake --build $(BUILD)

run: demo-programs ## proxy and sandbox in the foreground; on your settings with ARGS='--upstream ...'
	@tests/demo/run $(BUILD) $(ARGS)

demo: demo-programs ## two batch jobs behind the proxy, while tokens expire and the API misbehaves
	@tests/demo/demo $(BUILD)

.PHONY: demo-programs
demo-programs: setup $(BUILD)/build.ninja
	@cmake --build $(BUILD) --target bearer-proxy bearer-sandbox

test: all ## every test: unit, integration, system
	@cd $(BUILD) && ctest --progress

bench: setup $(BUILD)/build.ninja ## against nginx and HAProxy; B='load bodies' chooses, QUICK=1 shortens
	@$(call install,$(BENCH_PACKAGES))
	@cmake --build $(BUILD) --target bearer-proxy bearer-bench-upstream bearer-bench-client >&2
	@tests/bench/bench $(B) --build $(BUILD) $(if $(QUICK),--quick) $(if $(MINUTES),--minutes $(MINUTES))

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

clean: ## remove what was built
	@rm -rf build build-*
