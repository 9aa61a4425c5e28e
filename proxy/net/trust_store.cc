#include "net/trust_store.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <utility>

namespace bearer::net {
namespace {

/// A configuration names a few stores. If reloads keep naming others, the oldest is forgotten.
constexpr std::size_t kStoresMax = 16;

/// Distinguishes versions of a file by its inode, size and time. All zero if there is no file.
using FileVersion = std::array<std::int64_t, 5>;
using Version = std::array<FileVersion, 2>;

FileVersion file_version(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {static_cast<std::int64_t>(info.st_dev), static_cast<std::int64_t>(info.st_ino),
          info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

const char* from_environment(const char* variable, const char* otherwise) {
  const char* value = std::getenv(variable);
  return value ? value : otherwise;
}

/// Returns the version of the file or, without one, of the system's file and folder.
Version version_of(const std::string& ca_file) {
  if (!ca_file.empty()) return {file_version(ca_file)};
  return {
      file_version(
          from_environment(X509_get_default_cert_file_env(), X509_get_default_cert_file())),
      file_version(from_environment(X509_get_default_cert_dir_env(), X509_get_default_cert_dir()))};
}

base::Result<TrustStore> load(const std::string& ca_file) {
  TrustStore store(X509_STORE_new(), X509_STORE_free);
  const int loaded = !store            ? 0
                     : ca_file.empty() ? X509_STORE_set_default_paths(store.get())
                                       : X509_STORE_load_file(store.get(), ca_file.c_str());
  if (loaded != 1)
    return base::Error{base::Errc::file_unreadable, ca_file + ": " + tls_error_text()};
  ERR_clear_error();
  return store;
}

TrustStore share(const TrustStore& store) {
  X509_STORE_up_ref(store.get());
  return {store.get(), X509_STORE_free};
}

struct Known {
  std::string ca_file;
  Version version;
  TrustStore store;
};

struct Memory {
  std::mutex mutex;  // also held while a store is loaded, because others want the same one
  std::deque<Known> stores;
};

/// Never destroyed, because OpenSSL cleans up at the program's end, perhaps before that.
Memory& memory() {
  static Memory& all = *new Memory;
  return all;
}

}  // namespace

std::string tls_error_text() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "OpenSSL error " + std::to_string(code);
}

base::Result<TrustStore> trust_store(const std::string& ca_file) {
  const Version version = version_of(ca_file);  // before the load: a change during it is noticed
  const std::lock_guard lock(memory().mutex);
  std::deque<Known>& stores = memory().stores;
  for (const Known& known : stores) {
    if (known.ca_file == ca_file && known.version == version) return share(known.store);
  }
  base::Result<TrustStore> loaded = load(ca_file);
  if (!loaded) return loaded;
  std::erase_if(stores, [&](const Known& known) { return known.ca_file == ca_file; });
  if (stores.size() == kStoresMax) stores.pop_front();
  stores.push_back({ca_file, version, share(*loaded)});
  return loaded;
}

}  // namespace bearer::net
