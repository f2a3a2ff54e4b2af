package deepcall

import "strconv"

// Codes of the API that this package acts on.
const (
	codeInvalidParameter = "1000"
	codeInvalidToken     = "1014"
	codeTokenNotFound    = "1020"
	codeServerError      = "1032"
	codeSuspended        = "1039"
	codeInProcessing     = "1501"
)

// inProcessing is the text of code 1501. Entries in data.errors carry a message
// and no code; the messages are taken to be those of the table.
const inProcessing = "Data already in processing"

// codeText holds the documented text of each code: the tables "Error Codes" of
// the API document, and 1001, 1002, 1003, 1020, 1032 and 1039 from the vendor's
// page of the Agent Dashboard API, which is of the same family.
var codeText = map[string]string{
	"1000": "Invalid parameters",
	"1001": "Invalid data type",
	"1002": "userId not provided",
	"1003": "agentId does not exist",
	"1014": "Invalid token",
	"1020": "Token not found",
	"1032": "Internal server error",
	"1039": "User account suspended",
	"1047": "Invalid request (empty body)",
	"1501": inProcessing,
	"1502": "Invalid filter value",
	"1503": "Invalid role id",
	"1504": "Invalid parent",
	"1505": "Invalid group data",
	"1506": "AgentId and parent could not be same",
	"1507": "Invalid AgentID",
	"1508": "Invalid status value",
	"1509": "Invalid agentId",
	"1510": "Invalid Destination",
	"1511": "Working time format is invalid",
	"1512": "Email already exists",
	"1513": "Invalid type",
	"1514": "Invalid mobile Number",
	"1515": "Invalid Name",
	"1516": "Invalid Did Number",
	"1517": "Your agentid and your loginid must be same",
	"1518": "Data could not be updated",
	"1519": "Call Password must be Integer and Eight digit",
	"1520": "You must be single field update",
	"1521": "Please Provide Only Valid fields",
	"1522": "You could not inserted your data. Please try again",
	"1523": "Your agent information is already added",
	"1524": "Invalid Action",
	"1525": "Invalid Targetagent Id",
	"1526": "Invalid Id",
	"1527": "Invalid Type",
	"1528": "Invalid Favorite Data",
	"1529": "Invalid Domain",
	"1530": "Invalid Agent Timing",
}

// is1500s reports whether code is of the family that speaks of a request's
// content: 1500 to 1599.
func is1500s(code string) bool {
	n, err := strconv.Atoi(code)
	return err == nil && n >= 1500 && n <= 1599
}
