from .analyses.backtest import backtest as backtest
from .analyses.compare import compare as compare
from .analyses.sensitivity.ranking import rank as rank
from .errors import ClusterError as ClusterError
from .errors import InputError as InputError
from .errors import ModelError as ModelError
from .errors import OutputError as OutputError
from .errors import SimulatorError as SimulatorError
from .results import intervals as intervals
from .results import load_result as load_result
from .results import save_result as save_result
from .sampling.executors import executor as executor
from .scenario import Scenario as Scenario
from .scenario import check_scenario as check_scenario
from .scenario import load_scenario as load_scenario
from .scenario.cases import load_cases as load_cases
from .workflow.outcome import Interrupted as Interrupted
from .workflow.outcome import Outcome as Outcome
from .workflow.verbs import Workflow as Workflow
from .workflow.verbs import run as run

__version__: str
