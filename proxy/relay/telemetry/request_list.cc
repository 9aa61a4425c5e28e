#include "relay/telemetry/request_list.h"

#include <algorithm>
#include <utility>

namespace bearer::relay {
namespace {

bool went_well(const AttemptNote& attempt) {
  return attempt.status >= 100 && attempt.status < 400;
}

/// Writes what is known once the head was read.
void write_head(const Request& request, RequestRecord& record) {
  const std::string_view path = request.path();
  record.method.assign(request.method_text().substr(0, RequestRecord::kPathBytesMax));
  record.path.assign(path.substr(0, RequestRecord::kPathBytesMax));
  record.path_cut = path.size() > RequestRecord::kPathBytesMax;
  record.http = request.version_text();
  record.id.assign(request.id.view());
  if (request.route) {
    record.route.assign(request.route->label);
  } else {
    record.route.clear();
  }
}

void write_end(const ExchangeEnd& end, RequestRecord& record) {
  record.attempts_made = end.attempts;
  record.waited = end.waited.total();
  record.status = end.status;
  record.error = end.error;
  record.whole = end.whole;
}

}  // namespace

bool RequestFilter::takes(const RequestRecord& request) const {
  if (!route.empty() && request.route != route) return false;
  if (!failed) return true;
  if (request.over) return request.status < 100 || request.status >= 400 || !request.whole;
  return !std::ranges::all_of(request.attempts, went_well);
}

RequestList::Live::Live(RequestList& list, const ExchangeEnd& account, base::Instant began)
    : list_(list), account_(account), began_(began), before_(list.last_) {
  (before_ ? before_->after_ : list.first_) = this;
  list.last_ = this;
}

RequestList::Live::~Live() {
  (before_ ? before_->after_ : list_.first_) = after_;
  (after_ ? after_->before_ : list_.last_) = before_;
}

void RequestList::Live::attempt_ended(Cause cause, const Outcome& outcome, base::Instant now) {
  if (any_) {
    if (earlier_.size() + 1 == RequestRecord::kAttemptsMax) earlier_.erase(earlier_.begin());
    earlier_.push_back(last_);
  }
  any_ = true;
  const base::Duration waited = account_.waited.total();
  last_ = {cause, outcome.fault ? 0 : outcome.status, outcome.fault,
           waited - std::exchange(waited_before_, waited), now - attempt_began_};
}

void RequestList::Live::write_to(RequestRecord& record) const {
  write_head(account_.request, record);
  write_end(account_, record);
  record.began = began_;
  record.attempts.assign(earlier_.begin(), earlier_.end());
  if (any_) record.attempts.push_back(last_);
}

RequestRecord& RequestList::next_place() {
  if (ended_.size() < kept_) return ended_.emplace_back();
  return ended_[std::exchange(next_, (next_ + 1) % kept_)];
}

void RequestList::ended(const Live& live) {
  RequestRecord& record = next_place();
  live.write_to(record);
  record.took = live.account_.took;
  record.over = true;
}

void RequestList::refused(const ExchangeEnd& end, base::Instant now) {
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
  for (const Live* live = first_; live && list.size() < filter.most; live = live->after_) {
    RequestRecord record;
    live->write_to(record);
    record.took = now - live->began_;
    if (live->waits) record.waits = *live->waits;
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
