#include "token/store/file_store_content.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "token/json.h"

namespace bearer::token {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr int kVersion = 1;
constexpr std::uint64_t kEndsMsMax = 9'000'000'000'000;  // in 2255: more would not fit a WallTime

std::optional<FileStoreContent::Entry> read_entry(json& object) {
  if (!object.is_object()) return std::nullopt;
  const auto ends = object.find("ends_ms");
  if (!text_member(object, "text")) return std::nullopt;
  if (ends == object.end() || !ends->is_number_unsigned()) return std::nullopt;
  if (ends->get<std::uint64_t>() > kEndsMsMax) return std::nullopt;
  return FileStoreContent::Entry{take_secret(object, "text"),
                                 base::WallTime(milliseconds(ends->get<std::int64_t>()))};
}

}  // namespace

std::optional<FileStoreContent> FileStoreContent::parse(const base::Secret& text) {
  FileStoreContent content;
  if (text.empty()) return content;
  json body = parse_json(text.reveal());
  if (!body.is_object() || body.value("version", json()) != kVersion) return std::nullopt;
  const auto entries = body.find("entries");
  if (entries == body.end() || !entries->is_object()) return std::nullopt;
  for (auto& [identity, items] : entries->items()) {
    if (!items.is_object()) return std::nullopt;
    for (auto& [item, object] : items.items()) {
      std::optional<Entry> entry = read_entry(object);
      if (!entry) return std::nullopt;
      content.set(identity, item, std::move(*entry));
    }
  }
  return content;
}

bool FileStoreContent::torn(const base::Secret& text) {
  constexpr std::string_view kBeginning = R"({"entries":)";  // as to_text() writes it
  const std::string_view all = text.reveal();
  return all.starts_with('\0') || (all.starts_with(kBeginning) && !parse_json(all).is_object());
}

base::Secret FileStoreContent::to_text() const {
  json entries = json::object();
  for (const auto& [name, entry] : entries_) {
    const auto ends = std::chrono::floor<milliseconds>(entry.ends.time_since_epoch());
    entries[name.first][name.second] = {{"text", entry.text.reveal()}, {"ends_ms", ends.count()}};
  }
  json body{{"version", kVersion}, {"entries", std::move(entries)}};
  base::Secret text(json_text(body));
  for (const auto& [name, entry] : entries_) {
    base::wipe(body["entries"][name.first][name.second]["text"].get_ref<std::string&>());
  }
  return text;
}

const FileStoreContent::Entry* FileStoreContent::find(std::string_view identity,
                                                      std::string_view item) const {
  const auto found = entries_.find({std::string(identity), std::string(item)});
  return found == entries_.end() ? nullptr : &found->second;
}

void FileStoreContent::set(std::string identity, std::string item, Entry entry) {
  entries_.insert_or_assign({std::move(identity), std::move(item)}, std::move(entry));
}

void FileStoreContent::drop_ended(base::WallTime now) {
  std::erase_if(entries_, [&](const auto& named) { return named.second.ends <= now; });
}

}  // namespace bearer::token
