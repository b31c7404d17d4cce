"""What the verbs of the command line do, for Python: the same analyses, reused alike, in the same files."""

from simulator.workflow.outcome import Interrupted, Outcome
from simulator.workflow.result_folder import plot
from simulator.workflow.verbs import Workflow, comparison_name, run

__all__ = ["Interrupted", "Outcome", "Workflow", "comparison_name", "plot", "run"]
