# cmake -DSTYLE=<css> -DSCRIPT=<js> -DOUTPUT=<file> -P EmbedPage.cmake
#
# Writes a C++ source that holds style and script of the HTML report as text, each with the digest by
# which a content security policy allows it.

# base64 of 64 hexadecimal digits
function(base64_of hex result)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(out "")
  foreach(start RANGE 0 60 3)
    string(SUBSTRING "${hex}" ${start} 3 digits)
    math(EXPR high "0x${digits} >> 6")
    math(EXPR low "0x${digits} & 63")
    string(SUBSTRING "${alphabet}" ${high} 1 first)
    string(SUBSTRING "${alphabet}" ${low} 1 second)
    string(APPEND out "${first}${second}")
  endforeach()
  string(SUBSTRING "${hex}" 63 1 digit)
  math(EXPR last "0x${digit} << 2")
  string(SUBSTRING "${alphabet}" ${last} 1 last)
  set(${result} "${out}${last}=" PARENT_SCOPE)
endfunction()

set(functions "")
foreach(part STYLE SCRIPT)
  string(TOLOWER ${part} name)
  file(READ "${${part}}" content)
  file(SHA256 "${${part}}" hex)
  base64_of(${hex} digest)
  string(APPEND functions "std::string_view page_${name}() { return R\"~~~(${content})~~~\"; }
std::string_view page_${name}_digest() { return \"sha256-${digest}\"; }
")
endforeach()
file(WRITE "${OUTPUT}" "#include \"plans/report/page.hpp\"

namespace tenantry::plans {

${functions}
}  // namespace tenantry::plans
")
