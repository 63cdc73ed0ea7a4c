"""Federated training: institutions that keep their rows to themselves fit one scorecard over all of them.

Direction: `{errors, fixed, grids} ← {messages, masks, vectors} ← {course, institution} ← {coordinator, audit, server}`.
"""
