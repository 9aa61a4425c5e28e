#include "net/certificate_fault.h"

#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/advice.h"
#include "base/text.h"
#include "net/trust_store.h"

namespace bearer::net {
namespace {

using base::advice_on;
using base::Trouble;

constexpr std::size_t kNameCharsMax = 80;
constexpr std::size_t kNamesMax = 4;  // a certificate may have hundreds

std::string text_of(const ASN1_STRING* string) {
  const char* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(string));
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(string));
  return base::printable({bytes, size}, kNameCharsMax);
}

/// The common name, or the organization's name.
std::string name_of(const X509_NAME* name) {
  for (const int kind : {NID_commonName, NID_organizationName}) {
    const int place = X509_NAME_get_index_by_NID(name, kind, -1);
    if (place < 0) continue;
    return "'" + text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place))) + "'";
  }
  return "a name that is not told";
}

std::string whose(const X509& certificate) {
  return "the certificate of " + name_of(X509_get_subject_name(&certificate)) + ", issued by " +
         name_of(X509_get_issuer_name(&certificate)) + ",";
}

std::string day(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "a day that cannot be read";
  return base::format_utc(
      base::WallTime(std::chrono::seconds(static_cast<std::int64_t>(timegm(&parts)))));
}

std::string our_clock(base::WallTime now) {
  return "; this machine's clock says " + base::format_utc(now);
}

/// The names in the certificate, as many as fit into a line. A common name does not count (RFC 9525
/// section 2).
std::string names_in(const X509& certificate) {
  using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;
  const Names names(static_cast<GENERAL_NAMES*>(
                        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
                    GENERAL_NAMES_free);
  std::vector<std::string> hosts;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) hosts.push_back(text_of(name->d.dNSName));
  }
  if (hosts.empty()) {
    return "no host, and its common name " + name_of(X509_get_subject_name(&certificate)) +
           " does not count";
  }
  std::string list;
  for (std::size_t i = 0; i < std::min(hosts.size(), kNamesMax); ++i) {
    list += (list.empty() ? "" : ", ") + hosts[i];
  }
  return list + (hosts.size() > kNamesMax ? ", ..." : "");
}

/// True if a folder of the list that OpenSSL searches holds any file.
bool any_file_in(std::string_view folders) {
  while (!folders.empty()) {
    const std::string folder(base::take_until(folders, ':'));
    std::error_code none;  // a folder that is not there holds nothing
    if (std::filesystem::directory_iterator(folder, none) != std::filesystem::directory_iterator())
      return true;
  }
  return false;
}

constexpr std::size_t kPathCharsMax = 200;

const char* authorities_folder() {
  const char* wanted = getenv(X509_get_default_cert_dir_env());
  return wanted != nullptr ? wanted : X509_get_default_cert_dir();
}

}  // namespace

base::Error certificate_fault(const X509* certificate, long verdict, const std::string& server,
                              base::WallTime now) {
  base::Error fault{base::Errc::tls_certificate_untrusted, X509_verify_cert_error_string(verdict)};
  if (certificate == nullptr) return fault;
  const std::string its = fault.detail + ": " + whose(*certificate);
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      fault.detail = its + " ended on " + day(X509_get0_notAfter(certificate)) + our_clock(now);
      fault.fix = advice_on(Trouble::certificate_expired);
      break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      fault.detail = its + " begins on " + day(X509_get0_notBefore(certificate)) + our_clock(now);
      fault.fix = advice_on(Trouble::certificate_not_yet_valid);
      break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      fault.detail +=
          ": its subjectAltName names " + names_in(*certificate) + "; asked for was " + server;
      fault.fix = advice_on(Trouble::certificate_of_another_name);
      break;
    default: fault.detail = its + " is the one at fault"; break;
  }
  return fault;
}

bool trusts_nobody(SSL_CTX* context) {
  // A folder is searched when a certificate is needed.
  return authorities_known(SSL_CTX_get_cert_store(context)) == 0 &&
         !any_file_in(authorities_folder());
}

base::Error no_authorities() {
  std::string detail = "no certificate authorities were found on this system";
  std::string_view separator = ", where the environment says ";
  for (const char* variable : {X509_get_default_cert_file_env(), X509_get_default_cert_dir_env()}) {
    const char* value = getenv(variable);
    if (value == nullptr) continue;
    detail += std::string(separator) + variable + "=" + base::printable(value, kPathCharsMax);
    separator = " and ";
  }
  return {base::Errc::tls_certificate_untrusted, std::move(detail),
          advice_on(Trouble::no_authorities)};
}

}  // namespace bearer::net
