# The commands of this project. `make help` lists them.
BUILD ?= build
# A build folder of these names is of that kind, whichever target makes it.
FLAGS_OF_build-asan = -DBEARER_SANITIZE=address,undefined
FLAGS_OF_build-tsan = -DBEARER_SANITIZE=thread
CMAKE_FLAGS ?= $(FLAGS_OF_$(BUILD))
WERROR ?=
T ?= *
S ?= 60
PREFIX ?= /usr/local
RELEASE ?= trixie
ARCH ?=
export T
export CTEST_OUTPUT_ON_FAILURE = 1
# Without these, ccache keeps nothing that is compiled with a precompiled header.
export CCACHE_SLOPPINESS = pch_defines,time_macros

PACKAGES = g++ cmake ninja-build ccache pkg-config libcpp-httplib-dev libssl-dev libnghttp2-dev \
  zlib1g-dev nlohmann-json3-dev doctest-dev curl jq openssl ca-certificates python3
TEST_PACKAGES = chromium chromium-driver redis-server tinyproxy-bin python3-websockets nodejs \
  python3-grpcio python3-httpx nghttp2-client nghttp2-server nginx-light 'h2o?'
GO_PACKAGES = golang-go golang-google-grpc-dev golang-golang-x-net-dev
NIGHT_PACKAGES = nodejs python3-grpcio
LINT_PACKAGES = git clang-format clang-tidy shellcheck
CROSS_PACKAGES = g++-aarch64-linux-gnu dpkg-dev qemu-user-static libssl-dev:arm64 zlib1g-dev:arm64 \
  libcpp-httplib-dev:arm64 libnghttp2-dev:arm64
# Settings, cryptography, sockets and most of the relay. qemu-user lacks what many of the others need
# (sock_diag, seccomp, ptrace), and is so slow that tests of long inputs take it minutes.
EMULATED = --source-file='*unit/config/*,*unit/token/oauth/*,*unit/token/dpop/*,*unit/net/*,*unit/relay/body/*,*unit/relay/client/*,*unit/relay/head/*,*unit/relay/limits/*,*unit/relay/replies/*' \
  --source-file-exclude='*unit/net/peer_test.cc,*unit/net/sock_diag_test.cc,*unit/net/tcp_stream_*test.cc'
FUZZ_PACKAGES = clang libclang-rt-dev
BENCH_PACKAGES = nginx-light haproxy nghttp2-client nghttp2-proxy 'h2o?' python3 openssl valgrind strace binutils
ALERT_PACKAGES = prometheus
DEPLOY_PACKAGES = systemd debootstrap lintian man-db podman buildah crun catatonit python3-kubernetes python3-yaml \
  docker-compose iproute2

.DEFAULT_GOAL := build
.PHONY: setup build all run demo test test-one lint fmt docs asan tsan fuzz bench night soak strict providers clients fleet package install deploy-check reproducible bare-debian alerts clean help

build: setup $(BUILD)/build.ninja ## build/bearer-proxy (the default)
	@cmake --build $(BUILD) --target bearer-proxy

run: demo-programs ## proxy and sandbox in the foreground; on your settings with ARGS='--upstream ...'
	@tests/demo/run $(BUILD) $(ARGS)

demo: demo-programs ## batch jobs behind the proxy, while tokens expire and the API misbehaves
	@tests/demo/demo $(BUILD)

test: all ## every test: unit, integration, system, and pages in a real browser
	@tests/packages $(TEST_PACKAGES)
	@cd $(BUILD) && ctest --parallel 2 --progress --no-tests=error

test-one: all ## the test cases whose names match T, as in T='a 401*'
	@tests/packages $(TEST_PACKAGES)
	@tests/test-one $(BUILD) "$$T"

lint: setup ## formatting, clang-tidy, shellcheck, Python's syntax
	@tests/packages $(LINT_PACKAGES)
	@tests/lint/lint

fmt: ## formats the sources
	@tests/packages $(LINT_PACKAGES)
	@git ls-files -z '*.cc' '*.h' | xargs -0 clang-format -i

docs: setup $(BUILD)/build.ninja ## the pages of settings and presets and the schema of the config file, from the program's own tables
	@cmake --build $(BUILD) --target bearer-docs
	@for page in settings presets; do \
	  $(BUILD)/deploy/bearer-docs $$page >$(BUILD)/$$page.md && mv $(BUILD)/$$page.md deploy/docs/ || exit; \
	done
	@$(BUILD)/deploy/bearer-docs schema >$(BUILD)/config.schema.json && mv $(BUILD)/config.schema.json deploy/docs/

asan: ## every test under AddressSanitizer and UndefinedBehaviorSanitizer
	@ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 \
	  $(MAKE) --no-print-directory test BUILD=build-asan

tsan: ## every test under ThreadSanitizer
	@$(MAKE) --no-print-directory test BUILD=build-tsan

fuzz: setup ## any bytes at every parser, T=target for S=60 seconds (libFuzzer, AddressSanitizer)
	@tests/packages $(FUZZ_PACKAGES)
	@$(MAKE) --no-print-directory build-fuzz/build.ninja BUILD=build-fuzz \
	  CMAKE_FLAGS='-DCMAKE_CXX_COMPILER=clang++ -DBEARER_FUZZ=ON -DBEARER_SANITIZE=address,undefined'
	@tests/fuzz/fuzz build-fuzz "$$T" $(S)

bench: setup $(BUILD)/build.ninja ## against nginx and HAProxy; B='load bodies' chooses, QUICK=1 shortens; B=instructions counts instead, KEEP=1 keeps the figures
	@tests/packages $(BENCH_PACKAGES)
	@cmake --build $(BUILD) --target bearer-proxy bearer-bench-upstream bearer-bench-client \
	  bearer-bench-links bearer-bench-paths bearer-bench-proofs bearer-bench-users bearer-sandbox >&2
	@tests/bench/bench $(B) --build $(BUILD) $(if $(QUICK),--quick) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(KEEP),--keep)

night: demo-programs ## batch jobs through a bad night: what is lost, done twice or seen; N='seeds orders' chooses, QUICK=1 shortens
	@tests/packages $(NIGHT_PACKAGES)
	@tests/night/night $(N) --build $(BUILD) $(if $(QUICK),--quick)

soak: demo-programs ## all kinds of clients and faults for MINUTES=60, SEED=7: is memory flat, is anything lost or doubled; also BUILD=build-asan
	@tests/packages $(NIGHT_PACKAGES)
	@tests/soak/soak --build $(BUILD) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

strict: setup $(BUILD)/build.ninja ## malformed messages against bearer-proxy, nginx and HAProxy: what differs, and why
	@tests/packages $(BENCH_PACKAGES)
	@cmake --build $(BUILD) --target bearer-proxy >&2
	@tests/strict/strict --build $(BUILD)

providers: setup $(BUILD)/build.ninja ## the presets' token requests beside those of the vendors' SDKs, which npm installs: what differs
	@command -v node npm >/dev/null || tests/packages nodejs npm
	@cmake --build $(BUILD) --target bearer-proxy >&2
	@tests/providers/providers --build $(BUILD)

clients: setup $(BUILD)/build.ninja ## clients of gRPC in JavaScript and Go, through the proxy to services with and without TLS
	@command -v node npm >/dev/null || tests/packages nodejs npm
	@tests/packages $(TEST_PACKAGES) $(GO_PACKAGES)
	@cmake --build $(BUILD) --target bearer-proxy >&2
	@tests/clients/clients --build $(BUILD)

fleet: all ## a minute of 20 proxies on one Redis, twice: also while it is restarted
	@tests/packages $(TEST_PACKAGES)
	@BEARER_FLEET_SECONDS=60 $(BUILD)/system-tests --source-file='*fleet_test.cc'

# A folder that is made gets the umask's rights, and a package is the same whoever makes it.
ifeq ($(ARCH),)
package: installable ## build/bearer-proxy_VERSION_ARCH.deb, and the same as an archive; ARCH=arm64 for that, in build-arm64
	@tests/packages dpkg-dev file
	@umask 022; cd $(BUILD) && cpack
	@deploy/archive $(BUILD)
else
package: setup
	@tests/packages --of $(ARCH) file $(CROSS_PACKAGES)
	@$(MAKE) --no-print-directory build-$(ARCH)/build.ninja BUILD=build-$(ARCH) ARCH= \
	  CMAKE_FLAGS='-DCMAKE_TOOLCHAIN_FILE=$(CURDIR)/deploy/cross.cmake -DBEARER_ARCH=$(ARCH)'
	@cmake --build build-$(ARCH) --target bearer-proxy installed-docs unit-tests
	@qemu-aarch64-static build-$(ARCH)/unit-tests $(EMULATED)
	@umask 022; cd build-$(ARCH) && cpack
endif

install: installable ## the program, its manual, completions and systemd units, below PREFIX (and DESTDIR)
	@umask 022; cmake --install $(BUILD) --prefix $(PREFIX)

deploy-check: package demo-programs ## package, service and image, each in a Debian or a container of its own: needs root
	@tests/packages $(DEPLOY_PACKAGES)
	@tests/deploy/check $(BUILD)

reproducible: package ## package, archive and image made twice, by other people in other folders: one hash
	@tests/deploy/reproducible $(BUILD)

alerts: demo-programs ## alert rules and dashboard against the metrics of a real run, by Debian's promtool
	@tests/packages $(ALERT_PACKAGES)
	@tests/deploy/alerts $(BUILD)

bare-debian: ## demo and tests as a newcomer has them, in a bare Debian RELEASE=trixie: needs root
	@tests/deploy/bare-debian $(RELEASE)

setup: ## installs the packages that are missing (each of the others does it too)
	@tests/packages $(PACKAGES)

clean: ## removes what was built
	@rm -rf build build-*

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

$(BUILD)/build.ninja: CMakeLists.txt tests/CMakeLists.txt | setup
	@cmake -S . -B $(BUILD) -G Ninja $(if $(WERROR),-DCMAKE_COMPILE_WARNING_AS_ERROR=ON) $(CMAKE_FLAGS)

all: setup $(BUILD)/build.ninja
	@cmake --build $(BUILD)

.PHONY: demo-programs installable
installable: build
	@cmake --build $(BUILD) --target installed-docs

demo-programs: setup $(BUILD)/build.ninja
	@cmake --build $(BUILD) --target bearer-proxy bearer-sandbox
