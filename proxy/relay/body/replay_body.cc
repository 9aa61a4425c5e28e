#include "relay/body/replay_body.h"

#include <algorithm>
#include <cassert>

#include "base/advice.h"

namespace bearer::relay {

base::Result<void> ReplayBody::append(std::string_view data) {
  if (!whole_) return {};
  if (data.size() > limits_.bytes_max - std::min(size_, limits_.bytes_max)) {
    drop();
    return {};
  }
  size_ += data.size();
  if (!file_.open() && !disk_error_) data.remove_prefix(keep_in_memory(data));
  if (data.empty()) return {};
  if (!disk_error_ && spill(data)) return {};
  return keep_in_tail(data);
}

bool ReplayBody::spill(std::string_view data) {
  const std::uint64_t free = SpillFile::free_bytes();
  const bool taken = share_.take_disk(data.size(), free);
  if (!taken && share_.may_take_disk(data.size())) {  // so it is the disk that has no room
    disk_error_ = base::Error{base::Errc::spill_failed, "no room is left for a temporary file",
                              base::advice_on(base::Trouble::no_room_to_keep_body)};
    return false;
  }
  if (!taken) {
    drop();
    crowded_out_ = true;
    return true;
  }
  const base::Result<void> written = file_.append(data);
  if (!written) {
    disk_error_ = written.error();
    return false;
  }
  in_file_ += data.size();
  return true;
}

base::Result<void> ReplayBody::keep_in_tail(std::string_view data) {
  if (share_.take_memory(data.size())) {
    tail_.append(data);
    return {};
  }
  drop();
  return *disk_error_;
}

std::size_t ReplayBody::keep_in_memory(std::string_view data) {
  const std::uint64_t spare =
      limits_.memory_bytes_max - std::min(std::uint64_t{memory_.size()}, limits_.memory_bytes_max);
  const std::string_view head = data.substr(0, spare);
  if (head.empty() || !share_.take_memory(head.size())) return 0;
  memory_.append(head);
  return head.size();
}

void ReplayBody::drop() {
  whole_ = false;
  size_ = 0;
  memory_.clear();
  tail_.clear();
  in_file_ = 0;
  file_ = SpillFile();
  share_.give_back();
}

base::Result<std::string_view> ReplayBody::read(std::uint64_t offset,
                                                std::span<char> scratch) const {
  assert(offset < size_);
  if (offset < memory_.size()) return memory_.bytes().substr(offset);
  const std::uint64_t behind = offset - memory_.size();
  if (behind >= in_file_) return tail_.bytes().substr(behind - in_file_);
  const base::Result<std::size_t> count =
      file_.read(behind, scratch.first(std::min<std::uint64_t>(scratch.size(), in_file_ - behind)));
  if (!count) return count.error();
  if (*count == 0) return base::Error{base::Errc::spill_failed, "the temporary file was cut short"};
  return std::string_view(scratch.data(), *count);
}

}  // namespace bearer::relay
