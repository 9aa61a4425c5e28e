// Recognises SOAP faults, as far as a retry depends on them.
#pragma once

#include <string_view>

#include "http/message.h"

namespace bearer::relay {

/// True for a response that answers a SOAP call with a fault. SOAP uses 500 for every fault, even
/// if the caller is to blame (SOAP 1.1 section 6.2, SOAP 1.2 part 2 section 7.5.2.2), so it is an
/// answer and no outage. `request_head` is a head without the empty line at its end. A call has a
/// SOAPAction, or an envelope for its body; attachments may come with an envelope (MTOM).
bool is_soap_fault(const http::ResponseHead& response, http::Method method,
                   std::string_view request_head);

}  // namespace bearer::relay
