#include "token/store/refresh_tokens.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/utf8.h"
#include "token/expiry.h"
#include "token/json.h"
#include "token/secret/secret_file.h"
#include "token/store/file_replacement.h"

namespace bearer::token {
namespace {

using nlohmann::json;

constexpr int kRotatedVersion = 1;
constexpr const char* kSetting = "refresh_token_file";
/// A file farther behind counts as a new grant: three weeks, with a rotation each hour.
constexpr std::size_t kLineageMax = 500;

/// Nobody can guess the token, so half of its digest is plenty.
std::string digest_of(const base::Secret& token) {
  return base::hex_encode(base::sha256(token.reveal()).substr(0, 16));
}

struct Record {
  base::Secret token;
  std::vector<std::string> lineage;
};

/// REQUIRES: the token is UTF-8. A changed one would be worth nothing.
base::Secret to_text(const Record& record) {
  json body{{"version", kRotatedVersion},
            {"refresh_token", record.token.reveal()},
            {"forebears", record.lineage}};
  base::Secret text(json_text(body));
  base::wipe(body["refresh_token"].get_ref<std::string&>());
  return text;
}

std::optional<Record> from_text(const base::Secret& text) {
  json body = parse_json(text.reveal());
  if (!body.is_object() || body.value("version", json()) != kRotatedVersion) return std::nullopt;
  const auto lineage = body.find("forebears");
  if (!text_member(body, "refresh_token")) return std::nullopt;
  if (lineage == body.end() || !lineage->is_array()) return std::nullopt;
  Record record{take_secret(body, "refresh_token"), {}};
  for (const json& digest : *lineage) {
    if (digest.is_string()) record.lineage.push_back(digest.get<std::string>());
  }
  return record;
}

base::Error not_text() {
  return {base::Errc::store_unusable,
          "the rotated refresh token has bytes that are not UTF-8, which a store cannot keep",
          "give each process a grant of its own"};
}

}  // namespace

net::Task<base::Result<base::Secret>> RefreshTokenFile::read() {
  co_return read_secret_file(path_, kSetting);
}

net::Task<base::Result<void>> RefreshTokenFile::replace(const base::Secret& used,
                                                        const base::Secret& fresh) {
  const base::Result<base::Secret> present = co_await read();
  if (present && *present != used) co_return {};
  co_return save_file(path_, fresh);
}

net::Task<base::Result<base::Secret>> SharedRefreshTokens::read() {
  base::Result<base::Secret> file = read_secret_file(path_, kSetting);
  if (!file) co_return file.error();
  lineage_.clear();
  const base::Result<std::optional<Kept>> kept = co_await store_->read(StoreItem::refresh_token);
  if (!kept) on_fault_(kept.error());
  if (!kept || !*kept) co_return file;
  std::optional<Record> record = from_text((*kept)->text);
  if (!record) co_return file;
  lineage_ = std::move(record->lineage);
  if (is_spent(*file) || record->token == *file) co_return std::move(record->token);
  lineage_.clear();
  co_return file;
}

net::Task<base::Result<void>> SharedRefreshTokens::replace(const base::Secret& used,
                                                           const base::Secret& fresh) {
  const base::Result<base::Secret> present = read_secret_file(path_, kSetting);
  const bool of_others = present && *present != used && !is_spent(*present);
  const base::Result<void> filed = of_others ? base::Result<void>() : save_file(path_, fresh);
  const std::string digest = digest_of(used);
  if (std::ranges::find(lineage_, digest) == lineage_.end()) lineage_.push_back(digest);
  if (lineage_.size() > kLineageMax) lineage_.erase(lineage_.begin());
  base::Result<void> stored = not_text();
  if (base::is_utf8(fresh.reveal())) {
    const base::Secret text = to_text({fresh, lineage_});
    stored = co_await store_->write(StoreItem::refresh_token, text, kLifetimeMax);
  }
  if (!filed && !stored) co_return filed.error();
  if (!filed) on_fault_(filed.error());
  if (!stored) on_fault_(stored.error());
  co_return {};
}

bool SharedRefreshTokens::is_spent(const base::Secret& token) const {
  return std::ranges::find(lineage_, digest_of(token)) != lineage_.end();
}

net::Task<base::Result<base::Secret>> HeldRefreshTokens::read() {
  if (held_) co_return held_->fresh;
  base::Result<base::Secret> kept = co_await place_->read();
  co_return kept;
}

net::Task<base::Result<void>> HeldRefreshTokens::replace(const base::Secret& used,
                                                         const base::Secret& fresh) {
  hold(used, fresh);
  const base::Result<void> saved = co_await save();
  co_return saved;
}

void HeldRefreshTokens::hold(base::Secret used, base::Secret fresh) {
  if (held_ && held_->fresh == used) {
    held_->fresh = std::move(fresh);
  } else {
    held_.emplace(Held{std::move(fresh), std::move(used)});
  }
}

net::Task<base::Result<void>> HeldRefreshTokens::save() {
  if (!held_) co_return {};
  const base::Result<void> saved = co_await place_->replace(held_->replaces, held_->fresh);
  if (!saved) co_return saved.error();
  held_.reset();
  co_return {};
}

}  // namespace bearer::token
