#include "relay/body/replay_body.h"

#include <algorithm>
#include <cassert>

namespace bearer::relay {

base::Result<void> ReplayBody::append(std::string_view data) {
  if (!whole_) return {};
  if (data.size() > limits_.bytes_max - std::min(size_, limits_.bytes_max)) {
    drop();
    return {};
  }
  size_ += data.size();
  if (!file_.open()) data.remove_prefix(keep_in_memory(data));
  if (data.empty()) return {};
  if (!share_.take_disk(data.size(), SpillFile::free_bytes())) {
    drop();
    crowded_out_ = true;
    return {};
  }
  base::Result<void> written = file_.append(data);
  if (!written) drop();
  return written;
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
  file_ = SpillFile();
  share_.give_back();
}

base::Result<std::string_view> ReplayBody::read(std::uint64_t offset,
                                                std::span<char> scratch) const {
  assert(offset < size_);
  if (offset < memory_.size()) return memory_.bytes().substr(offset);
  const std::uint64_t in_file = offset - memory_.size();
  const std::uint64_t left = size_ - offset;
  const base::Result<std::size_t> count =
      file_.read(in_file, scratch.first(std::min<std::uint64_t>(scratch.size(), left)));
  if (!count) return count.error();
  if (*count == 0) return base::Error{base::Errc::spill_failed, "the temporary file was cut short"};
  return std::string_view(scratch.data(), *count);
}

}  // namespace bearer::relay
