#include "providers/qlik/attachment.hpp"

namespace tenantry::qlik {

bool names_file(Object const& attributes, std::string_view attribute) {
  return !text_at(attributes, attribute).empty();
}

Result<FormPart> file_part(Operation const& operation, std::string_view attribute,
                           std::string part) {
  ensure(operation.files != nullptr, "a resource that names a file comes with its files");
  auto content = operation.files->read(attribute);
  if (!content) return content.error();
  return FormPart{std::move(part), std::move(content->name), std::move(content->content_type),
                  std::move(content->bytes)};
}

}  // namespace tenantry::qlik
