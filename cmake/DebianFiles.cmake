# Run by CPack between installing into its folder and packing it: the files that Debian asks for, and
# times that do not depend on when and where the package is made.
set(doc ${CPACK_TEMPORARY_DIRECTORY}/usr/share/doc/tenantry)
set(changelog ${CPACK_TENANTRY_SOURCE}/CHANGELOG.md)

if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND git -C ${CPACK_TENANTRY_SOURCE} log -1 --format=%ct
    OUTPUT_VARIABLE epoch ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT epoch)
    file(TIMESTAMP ${changelog} epoch %s UTC)
  endif()
  # For CPack too, which writes the archives in this same process.
  set(ENV{SOURCE_DATE_EPOCH} ${epoch})
endif()

set(version ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog.Debian "tenantry (${version}) unstable; urgency=medium

  * Version ${CPACK_PACKAGE_VERSION}: see changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
# The text of this license is on every Debian system.
file(REMOVE ${doc}/LICENSE)
file(WRITE ${doc}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Tenantry

Files: *
Copyright: 2026 The Tenantry authors
License: Apache-2.0
 On Debian systems the full text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.
")

# Examples are copied and begun with: what git should leave out is part of them.
file(WRITE ${CPACK_TEMPORARY_DIRECTORY}/usr/share/lintian/overrides/tenantry
  "tenantry: package-contains-vcs-control-file *usr/share/doc/tenantry/examples/*\n"
  "# Not made for Debian's own archive.\n"
  "tenantry: initial-upload-closes-no-bugs *\n")

# Where Debian's zsh looks for what packages bring.
set(zsh ${CPACK_TEMPORARY_DIRECTORY}/usr/share/zsh)
file(RENAME ${zsh}/site-functions ${zsh}/vendor-completions)

# Debian wants changelogs and manual pages compressed; -n leaves name and time out.
file(GLOB compressed ${doc}/changelog ${doc}/changelog.Debian
  ${CPACK_TEMPORARY_DIRECTORY}/usr/share/man/man*/*)
foreach(command "gzip;-9n;${compressed}"
        "chmod;-R;u=rwX,go=rX;${CPACK_TEMPORARY_DIRECTORY}"
        "find;${CPACK_TEMPORARY_DIRECTORY};-exec;touch;-h;-d;@$ENV{SOURCE_DATE_EPOCH};{};+")
  execute_process(COMMAND ${command} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
