#include "app/trace_exporter.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "http/message.h"
#include "http/retry_after.h"
#include "net/dial_failure.h"
#include "net/run.h"
#include "wire/connect.h"
#include "wire/one_request.h"

namespace bearer::app {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using std::chrono::seconds;

constexpr base::Duration kGather = seconds(1);
constexpr base::Duration kConnectTimeout = seconds(5), kAnswerTimeout = seconds(10);
constexpr base::Duration kFirstWait = seconds(1), kLastWait = seconds(30), kAskedMax = seconds(60);
constexpr int kTriesMax = 6;
/// The time to send the rest when the program ends.
constexpr base::Duration kFarewell = seconds(3);
constexpr std::size_t kAnswerBytesMax = 256u << 10;

net::DialedServer server_of(const relay::TraceOptions& options) {
  return {.host = options.endpoint.host,
          .authority = options.endpoint.authority(),
          .what = "OpenTelemetry collector",
          .setting = "otlp_endpoint",
          .private_ca = !options.ca_file.empty(),
          .by_egress_proxy = options.egress.proxy_for(options.endpoint.host).used(),
          .connect_timeout = kConnectTimeout};
}

/// True for a status after which a collector may take a batch later (the protocol's "Failures").
bool may_be_taken_later(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

/// The bytes of the head, without the body.
base::Secret head_of(const relay::TraceOptions& options, std::size_t length) {
  std::string head =
      "POST " + options.endpoint.path + " HTTP/1.1\r\nHost: " + options.endpoint.authority() +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(length) +
      "\r\nUser-Agent: bearer-proxy\r\nConnection: close\r\n";
  std::size_t size = head.size() + 2;
  for (const relay::FixedField& field : options.fields)
    size += field.name.size() + field.value.reveal().size() + 4;
  std::string text;
  text.reserve(size);  // growing would leave copies of the secrets
  text.append(head);
  for (const relay::FixedField& field : options.fields)
    http::append_field_line(text, field.name, field.value.reveal());
  text.append("\r\n");
  return base::Secret(std::move(text));
}

}  // namespace

/// The collector's answer to a batch.
struct TraceExporter::Taken {
  int status = 0;
  std::optional<base::Duration> retry_after;
};

TraceExporter::TraceExporter(relay::TraceOptions options, std::string version,
                             const base::Clock& clock)
    : options_(std::move(options)),
      resource_{options_.service, std::move(version), base::random_id()},
      clock_(clock),
      loop_(clock),
      thread_([this] { run(); }) {}

TraceExporter::~TraceExporter() {
  queue_.close();
  if (over_.get_future().wait_for(kFarewell) != std::future_status::ready) {
    giving_up_ = true;
    loop_.stop();
  }
  thread_.join();
}

void TraceExporter::run() {
  for (;;) {
    const bool last = queue_.closed_within({});  // nobody adds traces any more
    const relay::TraceQueue::Batch batch = queue_.take(kGather);
    if (batch.empty() && last) break;
    if (batch.empty()) continue;
    if (giving_up_) {
      for (const auto& trace : batch) unsent_ += trace->spans();
    } else {
      send(batch);
    }
  }
  over_.set_value();
}

void TraceExporter::send(const relay::TraceQueue::Batch& batch) {
  std::uint64_t spans = 0;
  for (const auto& trace : batch) spans += trace->spans();
  const std::string body = relay::trace_json(batch, resource_);
  base::Duration wait = kFirstWait;
  for (int tries = 1;; ++tries, wait = std::min(2 * wait, kLastWait)) {
    const Result<Taken> taken = post(body);
    const bool all_well = taken && taken->status >= 200 && taken->status < 300;
    say(taken, all_well);
    if (all_well) {
      sent_ += spans;
      return;
    }
    if (taken && !may_be_taken_later(taken->status)) {
      refused_ += spans;
      return;
    }
    const std::optional<base::Duration> asked = taken ? taken->retry_after : std::nullopt;
    const base::Duration pause = std::max(wait, std::min(asked.value_or(wait), kAskedMax));
    if (tries == kTriesMax || queue_.closed_within(pause)) {
      unsent_ += spans;
      return;
    }
  }
}

net::Task<Result<TraceExporter::Taken>> TraceExporter::ask(std::string_view body) {
  net::Sleeper sleeper(loop_);
  const net::Wait dialing{sleeper, base::after(clock_.now(), kConnectTimeout)};
  const wire::Destination to{
      .url = options_.endpoint, .ca_file = options_.ca_file, .egress = options_.egress};
  const auto stream = co_await wire::connect(loop_, resolver_, to, dialing);
  if (!stream) co_return net::dial_failure(server_of(options_), stream.error());
  const net::Wait wait{sleeper, base::after(clock_.now(), kAnswerTimeout)};
  wire::OneRequest asked(**stream, wait, kAnswerBytesMax);
  const base::Secret before = head_of(options_, body.size());
  const Result<void> begun = co_await asked.send(before.reveal());
  if (!begun) co_return begun.error();
  const Result<void> sent = co_await asked.send(body);
  if (!sent) co_return sent.error();
  http::ResponseHead head;
  const Result<void> answered = co_await asked.read_head(head);
  if (!answered) co_return answered.error();
  Taken taken{head.status, std::nullopt};
  const auto delay = http::retry_delay(head.status, head.fields, clock_.wall());
  if (delay) taken.retry_after = delay->delay;
  co_return taken;
}

Result<TraceExporter::Taken> TraceExporter::post(std::string_view body) {
  return net::run<Result<Taken>>(loop_, ask(body), Error{Errc::connection_lost, ""});
}

void TraceExporter::say(const Result<Taken>& taken, bool all_well) {
  if (all_well == well_) return;
  well_ = all_well;
  const std::string endpoint = options_.endpoint.text();
  if (all_well) {
    return base::log(base::LogLevel::info, "the OpenTelemetry collector takes spans again",
                     {{"endpoint", std::string_view(endpoint)}});
  }
  std::string why;
  if (taken) {
    why = "it answered " + std::to_string(taken->status) + "; check otlp_endpoint";
    if (taken->status == 401 || taken->status == 403) why += " and otlp_header_file";
  } else {
    why = taken.error().sentence();
    if (taken.error().code == Errc::response_malformed) {
      why += "; check otlp_endpoint: this is OTLP over HTTP, mostly at port 4318, not gRPC";
    }
  }
  base::log(base::LogLevel::warning,
            "the OpenTelemetry collector takes no spans: some may be lost; this is said once",
            {{"endpoint", std::string_view(endpoint)}, {"reason", std::string_view(why)}});
}

base::MetricFamilies TraceExporter::metrics() const {
  base::MetricFamily sent =
      base::counter_family("spans_sent_total", "Spans that the collector took");
  base::add_sample(sent, {}, sent_.load());
  base::MetricFamily lost =
      base::counter_family("spans_lost_total", "Spans that the collector never got, by why");
  base::add_sample(lost, {{"reason", "queue_full"}}, queue_.lost());
  base::add_sample(lost, {{"reason", "refused"}}, refused_.load());
  base::add_sample(lost, {{"reason", "unreachable"}}, unsent_.load());
  return {sent, lost};
}

}  // namespace bearer::app
