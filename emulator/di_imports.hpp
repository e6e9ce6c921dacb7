// What an import of a data integration project does at its end.
#pragma once
#include "emulator/call.hpp"

namespace tenantry::emulator {

/// Makes `import`, {document, digest, bindings}, the project's last import. Tasks that it leaves as
/// they were stay prepared and keep their last run.
void apply_import(Call const& call, Row const& project, Object import);

}  // namespace tenantry::emulator
