package deepcall

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Class says what follows when a request fails.
type Class int

// The classes of failures.
const (
	// ClassOther failures are not retried. A request of several callers is sent
	// once more for each of them.
	ClassOther Class = iota
	// ClassContent failures are about the agents in the request, which is split
	// until the agents at fault are alone.
	ClassContent
	// ClassDown failures are retried. When retries are used up, the API is
	// known to be down.
	ClassDown
	// ClassBusy failures are retried, and then sent once more for each caller.
	ClassBusy
	// ClassCredentials failures end all sending.
	ClassCredentials
	// ClassRights failures end sending to the endpoint.
	ClassRights
)

// statusClasses holds the HTTP statuses outside 2xx that are not ClassOther.
var statusClasses = map[int]Class{
	http.StatusBadRequest:            ClassContent,
	http.StatusUnauthorized:          ClassCredentials,
	http.StatusRequestEntityTooLarge: ClassContent,
	http.StatusUnprocessableEntity:   ClassContent,
	http.StatusTooManyRequests:       ClassDown,
	http.StatusInternalServerError:   ClassBusy,
	http.StatusBadGateway:            ClassDown,
	http.StatusServiceUnavailable:    ClassDown,
	http.StatusGatewayTimeout:        ClassDown,
}

// inProcessing is the text of code 1501. Entries in data.errors carry a message
// and no code; their messages are assumed to be those of this table.
const inProcessing = "Data already in processing"

// codes holds the codes of the API that have a documented meaning: the tables
// "Error Codes" of the API document; 1001, 1002, 1003, 1020, 1032 and 1039 from
// the vendor's page on the Agent Dashboard; 1015 from its Employee pages.
var codes = map[string]struct {
	class Class
	text  string
}{
	"1000": {ClassContent, "Invalid parameters"},
	"1001": {ClassContent, "Invalid data type"},
	"1002": {ClassOther, "userId not provided"},
	"1003": {ClassContent, "agentId does not exist"},
	"1014": {ClassCredentials, "Invalid token"},
	"1015": {ClassRights, "Permission denied"},
	"1020": {ClassCredentials, "Token not found"},
	"1032": {ClassBusy, "Internal server error"},
	"1039": {ClassCredentials, "User account suspended"},
	"1047": {ClassOther, "Invalid request (empty body)"},
	"1501": {ClassBusy, inProcessing},
	"1502": {ClassContent, "Invalid filter value"},
	"1503": {ClassContent, "Invalid role id"},
	"1504": {ClassContent, "Invalid parent"},
	"1505": {ClassContent, "Invalid group data"},
	"1506": {ClassContent, "AgentId and parent could not be same"},
	"1507": {ClassContent, "Invalid AgentID"},
	"1508": {ClassContent, "Invalid status value"},
	"1509": {ClassContent, "Invalid agentId"},
	"1510": {ClassContent, "Invalid Destination"},
	"1511": {ClassContent, "Working time format is invalid"},
	"1512": {ClassContent, "Email already exists"},
	"1513": {ClassContent, "Invalid type"},
	"1514": {ClassContent, "Invalid mobile Number"},
	"1515": {ClassContent, "Invalid Name"},
	"1516": {ClassContent, "Invalid Did Number"},
	"1517": {ClassContent, "Your agentid and your loginid must be same"},
	"1518": {ClassContent, "Data could not be updated"},
	"1519": {ClassContent, "Call Password must be Integer and Eight digit"},
	"1520": {ClassContent, "You must be single field update"},
	"1521": {ClassContent, "Please Provide Only Valid fields"},
	"1522": {ClassContent, "You could not inserted your data. Please try again"},
	"1523": {ClassContent, "Your agent information is already added"},
	"1524": {ClassContent, "Invalid Action"},
	"1525": {ClassContent, "Invalid Targetagent Id"},
	"1526": {ClassContent, "Invalid Id"},
	"1527": {ClassContent, "Invalid Type"},
	"1528": {ClassContent, "Invalid Favorite Data"},
	"1529": {ClassContent, "Invalid Domain"},
	"1530": {ClassContent, "Invalid Agent Timing"},
}

// Classify returns the class of a request's failure. A wrapped error has the class
// of the error in it.
func Classify(err error) Class { return meaningOf(err).class }

// meaning is what a failure says about the API.
type meaning struct {
	class      Class
	unclear    bool          // the API may have done the work
	answer     string        // what was answered, without what may differ each time
	retryAfter time.Duration // what the server asked to wait
}

func meaningOf(err error) meaning {
	if e, ok := errors.AsType[*HTTPError](err); ok {
		return meaning{statusClasses[e.Status], e.Status >= http.StatusInternalServerError, statusLine(e.Status), e.retryAfter}
	}
	if e, ok := errors.AsType[*APIError](err); ok {
		class := codes[codeOf(e)].class
		return meaning{class: class, unclear: class == ClassBusy, answer: "code " + codeOf(e)}
	}
	if e, ok := errors.AsType[*AnswerError](err); ok {
		return meaning{unclear: true, answer: fmt.Sprint(e.Status, e.Problem)}
	}
	if e, ok := errors.AsType[*ConnectionError](err); ok {
		return meaning{class: ClassDown, unclear: !e.Unsent}
	}
	if IsInProcessing(err) {
		return meaning{class: ClassBusy}
	}
	return meaning{answer: err.Error()}
}

// codeOf is the code with which the API refused a request, as it came. It is
// empty for other failures.
func codeOf(err error) string {
	e, ok := errors.AsType[*APIError](err)
	if !ok {
		return ""
	}
	return cmp.Or(e.rawCode, e.Code)
}

// IsInProcessing reports whether the API was busy with the agents: code 1501,
// or its text for an agent.
func IsInProcessing(err error) bool {
	refused, ok := errors.AsType[*RefusedError](err)
	return ok && refused.inProcessing || codeOf(err) == "1501"
}

// saysInProcessing reports whether a refusal's message is the text of code 1501.
func saysInProcessing(message string) bool {
	return strings.EqualFold(strings.Trim(message, " \t\r\n."), inProcessing)
}

func statusLine(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

const (
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = 30 * time.Second
)

// exponential is the wait before retry 1, 2, …: doubled each time up to a
// bound, and spread over its upper half by random in [0, 1).
func exponential(retry int, random float64) time.Duration {
	d := min(maxBackoff, firstBackoff<<min(retry-1, 6)) // 2^6 × firstBackoff is past maxBackoff
	return d/2 + time.Duration(random*float64(d/2))
}

// parseRetryAfter reads both forms of the header, seconds and date. An
// unreadable value or a past date means no wait.
func parseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		if seconds > uint64(math.MaxInt64/time.Second) {
			return math.MaxInt64
		}
		return time.Duration(seconds) * time.Second
	}
	date, _ := http.ParseTime(value) // long past if it is unreadable
	return max(0, date.Sub(now))
}
