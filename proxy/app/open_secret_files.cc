#include "app/open_secret_files.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <system_error>

#include "base/log.h"
#include "token/secret/secret_file.h"

namespace bearer::app {
namespace {

namespace fs = std::filesystem;

/// A file on a read-only mount, as a container's secrets are, has the mode that its platform gives
/// it. Nobody here can change it, and we do not know for whom it is mounted.
bool is_mounted_read_only(const std::string& path) {
  struct statvfs system {};
  return statvfs(path.c_str(), &system) == 0 && (system.f_flag & ST_RDONLY) != 0;
}

/// False if a folder on the way keeps others out.
bool leads_others_to(const std::string& path) {
  std::error_code error;
  const fs::path file = fs::canonical(path, error);
  if (error) return false;
  for (fs::path folder = file.parent_path();; folder = folder.parent_path()) {
    const fs::perms mode = fs::status(folder, error).permissions();
    if (error || (mode & fs::perms::others_exec) == fs::perms::none) return false;
    if (folder == folder.root_path()) return true;
  }
}

/// The file's permission bits if every user can read it, else 0.
unsigned open_mode(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode)) return 0;
  if ((file.st_mode & S_IROTH) == 0) return 0;
  return is_mounted_read_only(path) || !leads_others_to(path) ? 0 : file.st_mode & 07777;
}

std::string octal(unsigned mode) {
  std::array<char, 12> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

/// `whose` names the owner of the setting: a credential, a route or a collector.
void warn(const std::string& path, std::string_view setting, const base::LogField& whose) {
  const unsigned mode = open_mode(path);
  if (mode == 0) return;
  const std::string text = octal(mode);
  base::log(base::LogLevel::warning,
            "a secret's file can be read by every user of this machine: chmod 600 " + path,
            {whose, {"setting", setting}, {"mode", std::string_view(text)}});
}

void warn_of_config_file(const config::Settings& settings) {
  std::string held;
  for (const std::string& setting : settings.secrets_in_file) {
    held += (held.empty() ? "" : ", ") + setting;
  }
  const unsigned mode = held.empty() ? 0 : open_mode(settings.config_file);
  if (mode == 0) return;
  const std::string text = octal(mode);
  base::log(base::LogLevel::warning,
            "the config file holds a secret and can be read by every user of this machine: chmod "
            "600 " +
                settings.config_file,
            {{"settings", std::string_view(held)}, {"mode", std::string_view(text)}});
}

}  // namespace

void warn_of_open_secret_files(const config::Settings& settings) {
  warn_of_config_file(settings);
  for (const token::CredentialOptions& credential : settings.credentials) {
    for (const token::SecretFile& file : credential.secret_files()) {
      if (file.path == credential.client_cert_file) continue;  // a certificate is public
      warn(file.path, file.setting, {"credential", std::string_view(credential.name)});
    }
  }
  if (settings.service.traces) {
    warn(settings.service.traces->fields_file, "otlp_header_file",
         {"endpoint", std::string_view(settings.service.traces->endpoint.host)});
  }
  std::set<std::string> told;  // routes may share them
  for (const relay::RouteOptions& route : settings.routes) {
    const std::string label = route.label();
    for (const std::string& path : route.fixed_field_files) {
      if (!told.insert(path).second) continue;
      warn(path, "set_header_file", {"route", std::string_view(label)});
    }
  }
}

}  // namespace bearer::app
