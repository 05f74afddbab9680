-- ============================================================================
-- Migration: {title}
-- ============================================================================
-- Date: {date}
-- Author: {author}
-- Type: {types}
-- Risk: {risk}
-- Rollback: {rollback}
--
-- Changes:
{changes}
--
-- Dependencies:
{dependencies}
--
-- Testing:
{testing}
-- ============================================================================
{directives}{sections}