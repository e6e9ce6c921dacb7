// webIntegrations: /api/v1/web-integrations.
#include "providers/qlik/collection.hpp"
#include "providers/qlik/kinds.hpp"

namespace tenantry::qlik {
namespace {

Schema const& web_integration_schema() {
  static Schema const schema{
      .section = "webIntegrations",
      .singular = "web integration",
      .doc =
          "Web origins that may call the tenant from a browser. Its id is what embedding code "
          "sends as `qlik-web-integration-id`.",
      .attributes =
          {
              {.name = "name",
               .use = Use::required,
               .doc = "Recognises the web integration, so it should be unique in the tenant.",
               .length_min = 1},
              {.name = "validOrigins",
               .kind = Kind::set,
               .doc = "Origins that are let in, as scheme://host[:port] without a path.",
               .format = Format::origin},
          },
      .natural_key = {"name"},
  };
  return schema;
}

class WebIntegrationType final : public CollectionType {
 public:
  WebIntegrationType()
      : CollectionType(web_integration_schema(),
                       {.path = "/api/v1/web-integrations", .updated_at = "lastUpdated"}) {}
};

}  // namespace

ResourceType const& web_integration_type() {
  static WebIntegrationType const type;
  return type;
}

}  // namespace tenantry::qlik
