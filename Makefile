# The commands of this project. `make help` lists them.
BUILD ?= build
CMAKE_FLAGS ?=
T ?= *
export T
export CTEST_OUTPUT_ON_FAILURE = 1

PACKAGES = g++ cmake ninja-build ccache pkg-config libboost1.81-dev libcpp-httplib-dev libssl-dev \
  nlohmann-json3-dev doctest-dev libcli11-dev libspdlog-dev curl jq openssl ca-certificates python3
LINT_PACKAGES = git clang-format clang-tidy shellcheck
BENCH_PACKAGES = nginx-light haproxy python3 openssl

.DEFAULT_GOAL := build
.PHONY: setup build all run demo test test-one lint fmt asan tsan bench package clean help

# install,WORDS: asks for nothing when nothing is missing, for sudo only when not root.
define install
missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
if [ -n "$$missing" ]; then \
  echo "installing: "$$missing; \
  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
  $$sudo apt-get update -qq && \
  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
fi
endef

build: setup $(BUILD)/build.ninja ## build/bearer-proxy (the default)
	@cmake --build $(BUILD) --target bearer-proxy

run: demo-programs ## proxy and sandbox in the foreground; on your settings with ARGS='--upstream ...'
	@tests/demo/run $(BUILD) $(ARGS)

demo: demo-programs ## two batch jobs behind the proxy, while tokens expire and the API misbehaves
	@tests/demo/demo $(BUILD)

test: all ## every test: unit, integration, system
	@cd $(BUILD) && ctest --progress --no-tests=error

test-one: all ## the test cases whose names match T, as in T='a 401*'
	@tests/test-one $(BUILD) "$$T"

lint: setup ## formatting, clang-tidy, shellcheck, Python's syntax
	@$(call install,$(LINT_PACKAGES))
	@tests/lint/lint

fmt: ## formats the sources
	@$(call install,$(LINT_PACKAGES))
	@git ls-files -z '*.cc' '*.h' | xargs -0 clang-format -i

asan: ## every test under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory test BUILD=build-asan CMAKE_FLAGS=-DBEARER_SANITIZE=address,undefined

tsan: ## every test under ThreadSanitizer
	@$(MAKE) --no-print-directory test BUILD=build-tsan CMAKE_FLAGS=-DBEARER_SANITIZE=thread

bench: setup $(BUILD)/build.ninja ## against nginx and HAProxy; B='load bodies' chooses, QUICK=1 shortens
	@$(call install,$(BENCH_PACKAGES))
	@cmake --build $(BUILD) --target bearer-proxy bearer-bench-upstream bearer-bench-client \
	  bearer-bench-links bearer-sandbox >&2
	@tests/bench/bench $(B) --build $(BUILD) $(if $(QUICK),--quick) $(if $(MINUTES),--minutes $(MINUTES))

package: build ## build/bearer-proxy-VERSION-linux-ARCH.tar.gz
	@cd $(BUILD) && cpack

setup: ## installs the packages that are missing (each of the others does it too)
	@$(call install,$(PACKAGES))

clean: ## removes what was built
	@rm -rf build build-*

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

$(BUILD)/build.ninja: CMakeLists.txt tests/CMakeLists.txt | setup
	@cmake -S . -B $(BUILD) -G Ninja $(CMAKE_FLAGS)

all: setup $(BUILD)/build.ninja
	@cmake --build $(BUILD)

.PHONY: demo-programs
demo-programs: setup $(BUILD)/build.ninja
	@cmake --build $(BUILD) --target bearer-proxy bearer-sandbox
