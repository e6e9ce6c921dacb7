// Data integration projects, as their imports, actions and tasks see them.
#pragma once
#include <string>
#include <string_view>

#include "emulator/call.hpp"

namespace tenantry::emulator {

inline constexpr std::string_view kDiProjects = "diProjects";  ///< their table

// Members of a project's row that stay inside:
//   _bindings  the saved variables, as the last PUT left them
//   _import    what the last import took in: {document, digest, bindings}; see di_imports.cpp
//   _prepared  ids of the tasks that were prepared
//   _runs      the last run of each task, by its id

/// The project that the first parameter of the path names, its actions brought up to date. Null
/// where it is missing or lies in a space that the caller may not see.
Row const* find_project(Call const& call);
Problem no_such_project();

/// "Pipelines.Sales": how actions call a project.
std::string full_name(Tenant const& tenant, Object const& project);

/// The tasks of the last import; empty: nothing was imported.
Array const& tasks_of(Object const& project);
/// The task, or null.
Object const* find_task(Object const& project, std::string_view task_id);

bool is_prepared(Object const& project, std::string_view task_id);

/// True while a project lies in the space.
bool has_projects(Tenant const& tenant, std::string_view space_id);

}  // namespace tenantry::emulator
