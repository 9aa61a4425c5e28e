// The content of a FileStore's file, without I/O.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/secret.h"

namespace bearer::token {

class FileStoreContent {
 public:
  struct Entry {
    base::Secret text;
    base::WallTime ends;  ///< to the millisecond
  };

  /// An empty text is an empty store. nullopt for anything but JSON of this version.
  static std::optional<FileStoreContent> parse(const base::Secret& text);
  /// True if `text`, which is not one, is what a loss of power leaves of one: zeros, or a
  /// beginning.
  static bool torn(const base::Secret& text);
  base::Secret to_text() const;

  /// Null if there is none.
  const Entry* find(std::string_view identity, std::string_view item) const;
  void set(std::string identity, std::string item, Entry entry);
  /// Drops the entries that have ended.
  void drop_ended(base::WallTime now);

 private:
  std::map<std::pair<std::string, std::string>, Entry> entries_;  // by identity and item
};

}  // namespace bearer::token
