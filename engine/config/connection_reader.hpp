// Regions, the organization, the state and the sinks: how Qlik Cloud and secrets are reached.
#pragma once
#include "engine/config/evaluator.hpp"
#include "engine/config/model.hpp"
#include "engine/config/report.hpp"

namespace tenantry::config {

/// Each reads the map under its key into the model.
void read_regions(Node const& map, Model& model, Reporter& reporter);
void read_organization(Member const& member, Model& model, Reporter& reporter);
void read_state(Member const& member, Model& model, Reporter& reporter);
void read_sinks(Node const& map, Model& model);

/// A tenant's `auth`: clientId and clientSecret, or apiKey.
std::optional<Credential> read_auth(Member const& member, Evaluator& evaluator, Reporter& reporter);

/// The text of `member` of `map`, sensitive or not; not written where it is missing or wrong.
CredentialText read_credential_text(Node const& map, std::string_view key, Evaluator& evaluator,
                                    Reporter& reporter);

}  // namespace tenantry::config
