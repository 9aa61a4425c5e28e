#include "relay/telemetry/request_list.h"

#include <algorithm>
#include <utility>

namespace bearer::relay {
namespace {

/// True for a 4xx and a 5xx, and where there was no answer. A status from 600 on has no class.
bool is_failure(int status) {
  return status < 100 || status / 100 == 4 || status / 100 == 5;
}

bool went_well(const AttemptNote& attempt) {
  return !is_failure(attempt.status);
}

/// Writes what is known once the head was read.
void write_head(const Request& request, RequestRecord& record) {
  const std::string_view path = request.path();
  record.method.assign(request.method_text().substr(0, RequestRecord::kPathBytesMax));
  record.path.assign(path.substr(0, RequestRecord::kPathBytesMax));
  record.path_cut = path.size() > RequestRecord::kPathBytesMax;
  record.http = request.version_text();
  record.id.assign(request.id_text());
  if (request.route) {
    record.route.assign(request.route->label);
  } else {
    record.route.clear();
  }
}

void write_end(const ExchangeEnd& end, RequestRecord& record) {
  record.attempts_made = end.attempts;
  record.waited = end.waited;
  record.status = end.status;
  record.error = end.error;
  record.whole = end.whole;
}

}  // namespace

bool RequestFilter::takes(const RequestRecord& request) const {
  if (!route.empty() && request.route != route) return false;
  if (!failed) return true;
  if (request.over) return is_failure(request.status) || !request.whole;
  return !std::ranges::all_of(request.attempts, went_well);
}

RequestList::Live::Live(RequestList& list, const ExchangeEnd& account, base::Instant began)
    : Place{list.ring_.before, &list.ring_}, account_(account), began_(began) {
  before->after = after->before = this;
}

RequestList::Live::~Live() {
  before->after = after;
  after->before = before;
}

void RequestList::Live::attempt_began(base::Instant now) {
  if (!attempts_) attempts_ = std::make_unique<Attempts>();
  attempts_->began = now;
}

void RequestList::Live::attempt_ended(Cause cause, const Outcome& outcome, base::Instant now) {
  Attempts& its = *attempts_;
  if (its.any) {
    if (its.earlier.size() + 1 == RequestRecord::kAttemptsMax)
      its.earlier.erase(its.earlier.begin());
    its.earlier.push_back(its.last);
  }
  its.any = true;
  its.last = {cause, outcome.fault ? 0 : outcome.status, outcome.fault,
              account_.waited - std::exchange(its.waited_before, account_.waited), now - its.began};
}

void RequestList::Live::write_to(RequestRecord& record) const {
  write_head(account_.request, record);
  write_end(account_, record);
  record.began = began_;
  record.attempts.clear();
  if (!attempts_) return;
  record.attempts = attempts_->earlier;
  if (attempts_->any) record.attempts.push_back(attempts_->last);
}

RequestRecord& RequestList::next_place() {
  if (ended_.size() < kept_) return ended_.emplace_back();
  return ended_[std::exchange(next_, (next_ + 1) % kept_)];
}

void RequestList::ended(const Live& live) {
  if (kept_ == 0) return;
  RequestRecord& record = next_place();
  live.write_to(record);
  record.took = live.account_.took;
  record.over = true;
}

void RequestList::refused(const ExchangeEnd& end, base::Instant now) {
  if (kept_ == 0) return;
  RequestRecord& record = next_place();
  write_head(end.request, record);
  write_end(end, record);
  record.began = now - end.took;
  record.attempts.clear();
  record.took = end.took;
  record.over = true;
}

std::vector<RequestRecord> RequestList::read(const RequestFilter& filter, base::Instant now) const {
  std::vector<RequestRecord> list;
  for (const Place* at = ring_.after; at != &ring_ && list.size() < filter.most; at = at->after) {
    const Live& live = *static_cast<const Live*>(at);
    RequestRecord record;
    live.write_to(record);
    record.took = now - live.began_;
    if (live.waits) record.waits = *live.waits;
    if (filter.takes(record)) list.push_back(std::move(record));
  }
  const std::size_t under_way = list.size();
  for (std::size_t i = 0; i < ended_.size() && list.size() - under_way < filter.most; ++i) {
    const std::size_t latest_first = (next_ + ended_.size() - 1 - i) % ended_.size();
    if (filter.takes(ended_[latest_first])) list.push_back(ended_[latest_first]);
  }
  return list;
}

}  // namespace bearer::relay
