#include "net/trust_store.h"

#include <fcntl.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "net/connect.h"

namespace bearer::net {
namespace {

/// A configuration names a few stores. If reloads keep naming others, the oldest is forgotten.
constexpr std::size_t kStoresMax = 16;

/// Distinguishes versions of a file by its inode, size and times; the time of its last change is
/// also that of its rights. All zero if there is no file.
using FileVersion = std::array<std::int64_t, 7>;
using Version = std::array<FileVersion, 2>;

FileVersion file_version(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return {static_cast<std::int64_t>(info.st_dev),
          static_cast<std::int64_t>(info.st_ino),
          info.st_size,
          info.st_mtim.tv_sec,
          info.st_mtim.tv_nsec,
          info.st_ctim.tv_sec,
          info.st_ctim.tv_nsec};
}

const char* from_environment(const char* variable, const char* otherwise) {
  const char* value = std::getenv(variable);
  return value ? value : otherwise;
}

const char* system_file() {
  return from_environment(X509_get_default_cert_file_env(), X509_get_default_cert_file());
}

/// Returns the version of the file or, without one, of the system's file and folder.
Version version_of(const std::string& ca_file) {
  if (!ca_file.empty()) return {file_version(ca_file)};
  return {
      file_version(system_file()),
      file_version(from_environment(X509_get_default_cert_dir_env(), X509_get_default_cert_dir()))};
}

/// The errno of the last call of the system that failed, by this thread's OpenSSL error queue,
/// which this empties. 0 if there was none.
int system_error() {
  int found = 0;
  while (const unsigned long code = ERR_get_error()) {
    if (ERR_SYSTEM_ERROR(code)) found = ERR_GET_REASON(code);
  }
  return found;
}

/// A certificate of which only the name has been read. OpenSSL takes 0.1 ms to read a whole one,
/// and a system has 140 of them, of which a connection needs one.
struct Unread {
  std::vector<unsigned char> der;
  std::unique_ptr<X509_NAME, decltype(&X509_NAME_free)> subject;
};
using Index = std::vector<Unread>;

/// A file with fewer is read as a whole, so that a mistake in it is told at once.
constexpr std::size_t kIndexedMin = 8;

/// Walks over the parts of a structure in DER.
class Der {
 public:
  Der(const unsigned char* at, long size) : at_(at), end_(at + size) {}
  const unsigned char* at() const { return at_; }
  long left() const { return end_ - at_; }

  /// Goes behind the next part, or with `into` to its content. False if there is none of that kind.
  bool pass(int wanted_class, int wanted_tag, bool into = false) {
    const unsigned char* content = at_;
    long size = 0;
    int tag = 0, tag_class = 0;
    const int form = ASN1_get_object(&content, &size, &tag, &tag_class, left());
    const bool definite = (form & 0x81) == 0;  // 0x80: malformed, 0x01: of indefinite length
    if (!definite || tag_class != wanted_class || tag != wanted_tag) return false;
    at_ = into ? content : content + size;
    if (into) end_ = content + size;
    return true;
  }

 private:
  const unsigned char* at_;
  const unsigned char* end_;
};

/// The subject of a certificate (RFC 5280 section 4.1); null if it is malformed before that.
X509_NAME* subject_of(const std::vector<unsigned char>& certificate) {
  constexpr int kPlain = V_ASN1_UNIVERSAL;
  Der der(certificate.data(), static_cast<long>(certificate.size()));
  if (!der.pass(kPlain, V_ASN1_SEQUENCE, true) || !der.pass(kPlain, V_ASN1_SEQUENCE, true)) {
    return nullptr;
  }
  der.pass(V_ASN1_CONTEXT_SPECIFIC, 0);  // the version, which one of version 1 does not have
  const bool found = der.pass(kPlain, V_ASN1_INTEGER) &&   // serial number
                     der.pass(kPlain, V_ASN1_SEQUENCE) &&  // signature's algorithm
                     der.pass(kPlain, V_ASN1_SEQUENCE) &&  // issuer
                     der.pass(kPlain, V_ASN1_SEQUENCE);    // validity
  const unsigned char* at = der.at();
  return found ? d2i_X509_NAME(nullptr, &at, der.left()) : nullptr;
}

/// Appends the next certificate of `file`. False at its end, or if something else comes.
bool read_next(BIO* file, Index& index) {
  char *kind = nullptr, *header = nullptr;
  unsigned char* bytes = nullptr;
  long size = 0;
  if (PEM_read_bio(file, &kind, &header, &bytes, &size) != 1) return false;
  const std::string_view name(kind);
  const bool plain = name == PEM_STRING_X509 || name == PEM_STRING_X509_OLD;
  if (plain) index.push_back({{bytes, bytes + size}, {nullptr, X509_NAME_free}});
  OPENSSL_free(kind);
  OPENSSL_free(header);
  OPENSSL_free(bytes);
  if (plain) index.back().subject.reset(subject_of(index.back().der));
  return plain && index.back().subject;
}

/// nullopt if the file is for OpenSSL to read: it is small, or holds more than plain certificates.
std::optional<Index> index_of(const std::string& file) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_file(file.c_str(), "r"), BIO_free);
  if (!bio) return std::nullopt;
  Index index;
  ERR_clear_error();
  while (read_next(bio.get(), index)) continue;
  const bool whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (system_error() != 0 || !whole || index.size() < kIndexedMin) return std::nullopt;
  return index;
}

void free_index(void*, void* index, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Index*>(index);
}

/// The place of a store's index.
int index_place() {
  static const int place =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_X509_STORE, 0, nullptr, nullptr, nullptr, free_index);
  return place;
}

const Index* index_in(const X509_STORE* store) {
  return static_cast<const Index*>(X509_STORE_get_ex_data(store, index_place()));
}

/// Puts the certificates of that name from the index into the store. OpenSSL calls it for names
/// that are not there yet, from any thread.
int find_in_index(X509_LOOKUP* lookup, X509_LOOKUP_TYPE type, const X509_NAME* name,
                  X509_OBJECT* found) {
  X509_STORE* store = X509_LOOKUP_get_store(lookup);
  const Index* index = index_in(store);
  if (type != X509_LU_X509 || index == nullptr) return 0;
  std::vector<std::unique_ptr<X509_OBJECT, decltype(&X509_OBJECT_free)>> read;
  for (const Unread& unread : *index) {
    if (X509_NAME_cmp(unread.subject.get(), name) != 0) continue;
    const unsigned char* at = unread.der.data();
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        d2i_X509(nullptr, &at, static_cast<long>(unread.der.size())), X509_free);
    if (!certificate) continue;
    auto& object = read.emplace_back(X509_OBJECT_new(), X509_OBJECT_free);
    if (!object || X509_OBJECT_set1_X509(object.get(), certificate.get()) != 1) read.pop_back();
  }
  // All of a name come at once: who finds one of them does not ask for the others.
  X509_STORE_lock(store);
  STACK_OF(X509_OBJECT)* known = X509_STORE_get0_objects(store);
  for (auto& object : read) {
    if (X509_OBJECT_retrieve_match(known, object.get()) != nullptr) continue;
    if (sk_X509_OBJECT_push(known, object.get()) > 0) static_cast<void>(object.release());
  }
  X509* kept = X509_OBJECT_get0_X509(X509_OBJECT_retrieve_by_subject(known, X509_LU_X509, name));
  const int set = kept != nullptr ? X509_OBJECT_set1_X509(found, kept) : 0;
  // The caller takes a reference of its own; until then the store's is enough.
  if (set == 1) X509_free(kept);
  X509_STORE_unlock(store);
  return set;
}

X509_LOOKUP_METHOD* index_method() {
  static X509_LOOKUP_METHOD* const method = [] {
    X509_LOOKUP_METHOD* made = X509_LOOKUP_meth_new("certificates read when they are needed");
    X509_LOOKUP_meth_set_get_by_subject(made, find_in_index);
    return made;
  }();
  return method;
}

bool add_index(X509_STORE* store, Index index) {
  auto kept = std::make_unique<Index>(std::move(index));
  if (X509_STORE_set_ex_data(store, index_place(), kept.get()) != 1) return false;
  static_cast<void>(kept.release());  // free_index() frees it
  return X509_STORE_add_lookup(store, index_method()) != nullptr;
}

bool add_file(X509_STORE* store, const std::string& file) {
  std::optional<Index> index = index_of(file);
  if (index) return add_index(store, std::move(*index));
  return X509_STORE_load_file(store, file.c_str()) == 1;
}

/// True if the last lookup of this thread could not be made, for want of a descriptor.
thread_local bool no_descriptor = false;

/// Finds nothing. OpenSSL asks it before it searches the folder, and itself takes a file that it
/// cannot open for one that is not there.
int note_shortage(X509_LOOKUP*, X509_LOOKUP_TYPE, const X509_NAME*, X509_OBJECT*) {
  const base::Descriptor one(::open("/", O_PATH | O_CLOEXEC));
  no_descriptor = !one.open() && lacks_descriptor(errno);
  return 0;
}

X509_LOOKUP_METHOD* shortage_method() {
  static X509_LOOKUP_METHOD* const method = [] {
    X509_LOOKUP_METHOD* made = X509_LOOKUP_meth_new("whether there is a descriptor left");
    X509_LOOKUP_meth_set_get_by_subject(made, note_shortage);
    return made;
  }();
  return method;
}

bool add_system_folder(X509_STORE* store) {
  if (X509_STORE_add_lookup(store, shortage_method()) == nullptr) return false;
  X509_LOOKUP* folder = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
  if (folder == nullptr) return false;
  X509_LOOKUP_add_dir(folder, nullptr, X509_FILETYPE_DEFAULT);
  return true;
}

/// Returns 0 or an errno.
int try_to_open(const char* file) {
  const base::Descriptor found(::open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  return found.open() ? 0 : errno;
}

base::Error unreadable(const std::string& file, int error) {
  if (lacks_descriptor(error)) return descriptors_used_up(error);
  return {base::Errc::file_unreadable, file + ": " + std::strerror(error)};
}

/// A system may lack its file or its folder, and the file may be empty. But a file that cannot be
/// read now is not an empty one.
base::Result<void> add_system(X509_STORE* store) {
  const std::string file = system_file();
  int error = try_to_open(file.c_str());
  ERR_clear_error();
  if (error == 0 && !add_file(store, file)) error = system_error();
  if (error != 0 && error != ENOENT && error != ENOTDIR) return unreadable(file, error);
  if (!add_system_folder(store)) return base::Error{base::Errc::file_unreadable, tls_error_text()};
  return {};
}

base::Result<void> add_own(X509_STORE* store, const std::string& file) {
  // OpenSSL would not tell a right or a descriptor that it lacks from a missing file.
  if (const int error = try_to_open(file.c_str()); error != 0) return unreadable(file, error);
  if (add_file(store, file)) return {};
  return base::Error{base::Errc::file_unreadable, file + ": " + tls_error_text()};
}

base::Result<TrustStore> load(const std::string& ca_file) {
  TrustStore store(X509_STORE_new(), X509_STORE_free);
  if (!store) return base::Error{base::Errc::file_unreadable, tls_error_text()};
  const base::Result<void> added =
      ca_file.empty() ? add_system(store.get()) : add_own(store.get(), ca_file);
  ERR_clear_error();
  if (!added) return added.error();
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

std::size_t authorities_known(X509_STORE* store) {
  const Index* index = index_in(store);
  return static_cast<std::size_t>(sk_X509_OBJECT_num(X509_STORE_get0_objects(store))) +
         (index ? index->size() : 0);
}

bool take_lookup_shortage() {
  return std::exchange(no_descriptor, false);
}

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
