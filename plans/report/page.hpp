// Style and script of the HTML report, from page.css and page.js. Internal to this layer.
#pragma once
#include <string_view>

namespace tenantry::plans {

std::string_view page_style();
std::string_view page_script();
/// "sha256-...": what a content security policy allows them by.
std::string_view page_style_digest();
std::string_view page_script_digest();

}  // namespace tenantry::plans
