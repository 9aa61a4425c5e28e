// The authorities that verify servers, loaded once for all contexts that trust the same file. A
// system's store has some hundred certificates: a large file is only searched for names, and a
// certificate is read once it has issued a server's.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"

namespace bearer::net {

using TrustStore = std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)>;

/// Returns the authorities of `ca_file` (PEM) or, if it is empty, of the system's store as OpenSSL
/// finds it. The store is shared, and read again once the file, or the system's folder of
/// authorities, has changed. Any thread. Errc::file_unreadable with the file and the reason, or
/// descriptors_used_up; then the next call tries again. A system without a file has none in it.
base::Result<TrustStore> trust_store(const std::string& ca_file);

/// The number of authorities that are known without a search in a folder. Some may count twice.
std::size_t authorities_known(X509_STORE* store);

/// True if, since the last call, this thread's last lookup in a system's folder was not made for
/// want of a descriptor. The authority may be there, whatever the verdict says.
bool take_lookup_shortage();

/// Returns the oldest entry of this thread's OpenSSL error queue, for a person. Empties the queue.
std::string tls_error_text();

}  // namespace bearer::net
