// The programs of a control plane of Kubernetes in one, for tests: built once of the modules that Kubernetes publishes, with
// etcd in it. `control-plane apiserver …` is kube-apiserver with its flags, and so on.
package main

import (
	"fmt"
	"os"

	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"

	"github.com/spf13/cobra"
	etcd "go.etcd.io/etcd/server/v3/etcdmain"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	programs := map[string]func() *cobra.Command{
		"apiserver":          apiserver.NewAPIServerCommand,
		"controller-manager": controllers.NewControllerManagerCommand,
		"kubectl":            func() *cobra.Command { return kubectl.NewDefaultKubectlCommand() },
		"scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	}
	name := ""
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	if name == "etcd" {
		etcd.Main(os.Args[1:])
		return
	}
	program, known := programs[name]
	if !known {
		fmt.Fprintln(os.Stderr, "usage: control-plane apiserver|controller-manager|scheduler|kubectl|etcd [flags]")
		os.Exit(2)
	}
	command := program()
	command.SetArgs(os.Args[2:])
	os.Exit(cli.Run(command))
}
