#include "tests/fuzz/mapping.h"

namespace bearer::fuzz {

const std::vector<Mapping>& mappings() {
  static const std::vector<Mapping> all{
      {http::parse_url("https://api.example.com").value(), "/", false},
      {http::parse_url("http://crm.example.com:8080/base/").value(), "/crm/", true},
      {http::parse_url("https://[2001:db8::1]/v2").value(), "/v2/users", false},
  };
  return all;
}

}  // namespace bearer::fuzz
