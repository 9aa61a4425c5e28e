// Keeps a credential's refresh token. If the server rotates it (RFC 6749 section 6), the successor
// is saved before the access token that came with it is used, or held until it can be saved.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "net/task.h"
#include "token/store/store.h"

namespace bearer::token {

/// Used on one thread.
class RefreshTokens {
 public:
  virtual ~RefreshTokens() = default;

  /// The newest token. file_unreadable if there is none.
  virtual net::Task<base::Result<base::Secret>> read() = 0;
  /// The server gave `fresh` for `used`. On success it is on the disk, or in the store;
  /// file_unwritable if it is in neither. If somebody has meanwhile replaced `used` with another
  /// grant, theirs stays, because it is the wanted one.
  virtual net::Task<base::Result<void>> replace(const base::Secret& used,
                                                const base::Secret& fresh) = 0;
};

/// Keeps it in refresh_token_file alone.
class RefreshTokenFile final : public RefreshTokens {
 public:
  explicit RefreshTokenFile(std::string path) : path_(std::move(path)) {}

  net::Task<base::Result<base::Secret>> read() override;
  net::Task<base::Result<void>> replace(const base::Secret& used,
                                        const base::Secret& fresh) override;

 private:
  const std::string path_;
};

/// Keeps it in refresh_token_file and in a store, for processes that each have a file of their own.
///
/// The store's token replaces the file's if it descends from it: the store keeps the digests of
/// those before it. Any other token in the file was put there by a person, or is unknown because
/// the store lost its memory, and wins. Both are written at each rotation, the file first.
class SharedRefreshTokens final : public RefreshTokens {
 public:
  /// `on_fault` gets the fault of one place while the other one worked.
  SharedRefreshTokens(std::string path, std::shared_ptr<Store> store,
                      std::function<void(const base::Error&)> on_fault)
      : path_(std::move(path)), store_(std::move(store)), on_fault_(std::move(on_fault)) {}

  net::Task<base::Result<base::Secret>> read() override;
  net::Task<base::Result<void>> replace(const base::Secret& used,
                                        const base::Secret& fresh) override;

 private:
  bool is_spent(const base::Secret& token) const;

  const std::string path_;
  const std::shared_ptr<Store> store_;
  const std::function<void(const base::Error&)> on_fault_;
  std::vector<std::string> lineage_;  ///< digests, oldest first, for the token that was read last
};

/// Keeps it where another one does. A successor that cannot be saved there is held in memory, and
/// read from there: the one before it is spent.
class HeldRefreshTokens final : public RefreshTokens {
 public:
  explicit HeldRefreshTokens(std::unique_ptr<RefreshTokens> place) : place_(std::move(place)) {}

  net::Task<base::Result<base::Secret>> read() override;
  /// hold() and save().
  net::Task<base::Result<void>> replace(const base::Secret& used,
                                        const base::Secret& fresh) override;

  /// From now on `fresh`, which the server gave for `used`, is the newest.
  void hold(base::Secret used, base::Secret fresh);
  /// Saves what is held, and holds it no longer. It is held on if that fails.
  net::Task<base::Result<void>> save();
  bool holds() const { return held_.has_value(); }

 private:
  struct Held {
    base::Secret fresh;
    base::Secret replaces;  ///< the one that may still be in the place
  };

  const std::unique_ptr<RefreshTokens> place_;
  std::optional<Held> held_;
};

}  // namespace bearer::token
