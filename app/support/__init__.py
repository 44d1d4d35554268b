"""Problems that class teachers report to the deputy director (clause 2.3): from the report to its solution."""
