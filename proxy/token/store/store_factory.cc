#include "token/store/store_factory.h"

#include <string>

#include "token/store/file_store.h"
#include "token/store/redis_store.h"
#include "token/store/store_identity.h"
#include "token/store/store_key.h"

namespace bearer::token {

std::shared_ptr<Store> make_store(const CredentialOptions& options, net::Loop& loop,
                                  net::Resolver& resolver, const std::string& key_thumbprint,
                                  FileStoreCaches* caches) {
  switch (options.store.kind) {
    case StoreOptions::Kind::memory: break;
    case StoreOptions::Kind::file:
      return std::make_shared<FileStore>(options.store.file,
                                         store_identity(options, key_thumbprint), loop, caches);
    case StoreOptions::Kind::redis:
      return std::make_shared<RedisStore>(options.store, options.name,
                                          store_identity(options, key_thumbprint), loop, resolver);
  }
  return nullptr;
}

base::Result<void> check_store(const CredentialOptions& options) {
  const StoreOptions& store = options.store;
  if (store.kind == StoreOptions::Kind::file) {
    const std::string why = why_no_store(store.file);
    if (why.empty()) return {};
    return base::Error{base::Errc::store_unusable, "token_store: the file " + store.file + " " +
                                                       why + "; or name another file"};
  }
  if (store.kind == StoreOptions::Kind::redis) {
    const base::Result<StoreKey> key = StoreKey::read(store.key_file);
    if (!key) return key.error();
  }
  return {};
}

}  // namespace bearer::token
