// For kinds whose attributes name files.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "tests/unit/qlik/kind_fixture.hpp"

namespace tenantry::test {

class GivenFiles final : public Files {
 public:
  std::map<std::string, Content, std::less<>> contents;  ///< by attribute

  /// Errors: stale for an attribute that is not given.
  Result<Content> read(std::string_view attribute) const override {
    auto const found = contents.find(attribute);
    if (found == contents.end()) return Error(Errc::stale, "the file changed", "plan again");
    return found->second;
  }
};

/// A scripted session with files, meta attributes, and what progress told.
struct FileFixture : KindFixture {
  GivenFiles files;
  Object meta;
  std::vector<std::string> told;

  Operation operation() {
    return {.session = session,
            .references = references,
            .files = &files,
            .meta = meta,
            .progress = [this](std::string const& text) { told.push_back(text); }};
  }
  /// The form of the nth call, each part as "name file type: bytes".
  std::vector<std::string> form(std::size_t index) const {
    REQUIRE(index < session.calls.size());
    std::vector<std::string> out;
    for (auto const& part : session.calls[index].form) {
      auto const kind =
          part.file_name.empty() ? "" : ' ' + part.file_name + ' ' + part.content_type;
      out.push_back(part.name + kind + ": " + part.bytes);
    }
    return out;
  }
};

}  // namespace tenantry::test
