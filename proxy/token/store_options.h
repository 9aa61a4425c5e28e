// The settings of the store that the processes of a host or of a fleet share.
#pragma once

#include <cstdint>
#include <string>

#include "base/secret.h"

namespace bearer::token {

struct RedisOptions {
  std::string host;
  std::uint16_t port = 6379;
  bool tls = false;
  std::string user;       ///< empty: the default one
  base::Secret password;  ///< empty: no AUTH
  unsigned database = 0;  ///< selected by its number
  std::string ca_file;    ///< for TLS; empty: the system's store

  bool operator==(const RedisOptions&) const = default;
};

struct StoreOptions {
  enum class Kind {
    memory,  ///< nothing is shared
    file,
    redis,
  };
  Kind kind = Kind::memory;
  std::string file;      ///< of Kind::file
  RedisOptions redis;    ///< of Kind::redis
  std::string key_file;  ///< of Kind::redis: encrypts what is kept there

  bool shared() const { return kind != Kind::memory; }
  bool operator==(const StoreOptions&) const = default;
};

}  // namespace bearer::token
