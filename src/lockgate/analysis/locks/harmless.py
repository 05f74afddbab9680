"""The kinds of statements that lock no relation of the user's."""

from __future__ import annotations

_KINDS = """
    AlterCollationStmt AlterDatabaseRefreshCollStmt AlterDatabaseSetStmt AlterDefaultPrivilegesStmt
    AlterEventTrigStmt AlterFdwStmt AlterForeignServerStmt AlterFunctionStmt AlterOpFamilyStmt
    AlterOperatorStmt AlterOwnerStmt AlterRoleSetStmt AlterRoleStmt AlterStatsStmt AlterTSConfigurationStmt
    AlterTSDictionaryStmt AlterTableSpaceOptionsStmt AlterTypeStmt AlterUserMappingStmt CheckPointStmt
    ClosePortalStmt CompositeTypeStmt ConstraintsSetStmt CreateAmStmt CreateCastStmt CreateConversionStmt
    CreateDomainStmt CreateEnumStmt CreateEventTrigStmt CreateExtensionStmt CreateFdwStmt
    CreateForeignServerStmt CreateOpClassStmt CreateOpFamilyStmt CreatePLangStmt CreateRangeStmt
    CreateRoleStmt CreateTransformStmt CreateUserMappingStmt DeallocateStmt DefineStmt DropRoleStmt
    DropUserMappingStmt FetchStmt GrantRoleStmt ImportForeignSchemaStmt ListenStmt LoadStmt NotifyStmt
    UnlistenStmt VariableSetStmt VariableShowStmt
"""
HARMLESS = frozenset(_KINDS.split())
