#include <doctest/doctest.h>

#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;

namespace {

/// Where the spans go; empty: nowhere.
std::string endpoint(const Configuring& configuring) {
  const Settings settings = configuring.settings();
  return settings.service.traces ? settings.service.traces->endpoint.text() : "";
}

Configuring in_environment(const Environment& environment) {
  Configuring configuring = complete();
  configuring.environment.insert(environment.begin(), environment.end());
  return configuring;
}

}  // namespace

TEST_CASE("spans go nowhere unless a collector is named") {
  CHECK(endpoint(complete()) == "");
  CHECK(endpoint(in_environment({{"OTEL_SERVICE_NAME", "a"}})) == "");
}

TEST_CASE("a collector is named by itself or with its path of traces") {
  for (const char* url : {"http://c:4318", "http://c:4318/", "http://c:4318/v1/traces"}) {
    CHECK(endpoint(complete_with({"--otlp-endpoint", url})) == "http://c:4318/v1/traces");
  }
  CHECK(endpoint(complete_with({"--otlp-endpoint", "https://c/otlp"})) ==
        "https://c/otlp/v1/traces");
}

TEST_CASE("OpenTelemetry's variables name it where no setting does") {
  CHECK(endpoint(in_environment({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/"}})) ==
        "http://c:4318/v1/traces");
  const Environment both = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"},
                            {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t:1/v1/traces"}};
  CHECK(endpoint(in_environment(both)) == "http://t:1/v1/traces");
  Configuring flag = in_environment(both);
  flag.arguments.insert(flag.arguments.end(), {"--otlp-endpoint", "http://f:2"});
  CHECK(endpoint(flag) == "http://f:2/v1/traces");
  for (const auto& [name, value] : Environment{{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                                               {"OTEL_SDK_DISABLED", "TRUE"},
                                               {"OTEL_TRACES_EXPORTER", "console"}}) {
    Configuring off = in_environment(both);
    off.environment[name] = value;
    CHECK(endpoint(off) == "");
  }
  const Configuring wrong = in_environment({{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"}});
  CHECK(wrong.errors().find("OTEL_EXPORTER_OTLP_ENDPOINT") != std::string::npos);
}

TEST_CASE("a share of the traces is asked for by the setting, or by OpenTelemetry's variables") {
  const auto share = [](Configuring configuring) {
    configuring.arguments.insert(configuring.arguments.end(), {"--otlp-endpoint", "http://c:4318"});
    return configuring.settings().service.traces.value().sample;
  };
  CHECK(share(complete()) == 1);
  CHECK(share(complete_with({"--otlp-sample", "0.125"})) == 0.125);
  CHECK(share(complete_with({"--otlp-sample", "0"})) == 0);
  const Environment ratio = {{"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"},
                             {"OTEL_TRACES_SAMPLER_ARG", "0.5"}};
  CHECK(share(in_environment(ratio)) == 0.5);
  CHECK(share(in_environment({{"OTEL_TRACES_SAMPLER", "always_off"}})) == 0);
  CHECK(share(in_environment(
            {{"OTEL_TRACES_SAMPLER", "always_on"}, {"OTEL_TRACES_SAMPLER_ARG", "0.5"}})) == 1);
  Configuring flag = in_environment(ratio);
  flag.arguments.insert(flag.arguments.end(), {"--otlp-sample", "1"});
  CHECK(share(flag) == 1);
}

TEST_CASE("what is no share of the traces is refused") {
  for (const char* wrong : {"1.5", "-0.5", "5%", "1e-3", "nan", "", ".", "0.5x"}) {
    CAPTURE(wrong);
    const Configuring refused =
        complete_with({"--otlp-endpoint", "http://c:4318", "--otlp-sample", wrong});
    CHECK(refused.errors().find("otlp_sample") != std::string::npos);
  }
  CHECK(in_environment({{"OTEL_TRACES_SAMPLER", "traceidratio"},
                        {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"},
                        {"OTEL_TRACES_SAMPLER_ARG", "half"}})
            .errors()
            .find("OTEL_TRACES_SAMPLER_ARG") != std::string::npos);
}

TEST_CASE("what a collector is named by has no query, and its key no plain way out") {
  CHECK(complete_with({"--otlp-endpoint", "http://c/?k=1"}).errors().find("no query") !=
        std::string::npos);
  Configuring plain =
      complete_with({"--otlp-endpoint", "http://c.example", "--otlp-header-file", "f"});
  CHECK(plain.errors().find("otlp_header_file") != std::string::npos);
  plain.files["f"] = "Api-Key: s3cret\r\n";
  CHECK(plain.errors().find("plain http to another machine") != std::string::npos);
  CHECK(plain.errors().find("s3cret") == std::string::npos);
  plain.arguments.back() = "f";
  plain.arguments.push_back("--insecure-http");
  CHECK(plain.settings().service.traces->fields.at(0).value == base::Secret("s3cret"));
  for (const char* line : {"Api-Key s3cret", "Content-Length: 3"}) {
    plain.files["f"] = line;
    CHECK(plain.errors().find("line 1: ") != std::string::npos);
  }
}
