// Makes a credential's part of a store from its settings.
#pragma once

#include <memory>

#include "base/result.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "token/credential.h"
#include "token/store/file_store_cache.h"
#include "token/store/store.h"

namespace bearer::token {

/// Null for a store in memory, which shares nothing. Loop and resolver outlive the store. For
/// `key_thumbprint` see store_identity(), for `caches` FileStore.
std::shared_ptr<Store> make_store(const CredentialOptions& options, net::Loop& loop,
                                  net::Resolver& resolver, const std::string& key_thumbprint,
                                  FileStoreCaches* caches);

/// Checks that the store's settings are usable: the file belongs to nobody else, the key is one. A
/// fault that can pass by itself, such as a Redis that is down, is not an error here.
/// Errc::store_unusable with a sentence that names the setting and the fix.
base::Result<void> check_store(const CredentialOptions& options);

}  // namespace bearer::token
