// The authorities that servers are verified by, loaded once for all contexts that trust the same
// file: a system's store is some hundred certificates, which take milliseconds and memory.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace bearer::net {

using TrustStore = std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)>;

/// Those of `ca_file` (PEM), or of the system's store where that is empty, as OpenSSL finds it.
/// Shared with others, and read again once the file, or the system's folder of authorities, is
/// another than it was. Any thread. Errc::file_unreadable with the file and the reason.
base::Result<TrustStore> trust_store(const std::string& ca_file);

/// The oldest entry of OpenSSL's error queue of this thread, which is emptied; for a person.
std::string tls_error_text();

}  // namespace bearer::net
